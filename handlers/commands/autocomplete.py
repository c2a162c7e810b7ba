"""What to offer while a person types a genre, an instrument or a mood."""

from __future__ import annotations

import re

from handlers.commands.registry import Suggest
from handlers.texts import mood_word
from pipeline.catalog.genres import GENRES
from pipeline.catalog.instruments import known_instruments
from pipeline.values import EMOTION_LABELS

LONGEST = 100  # characters; Discord shows no longer choice


def suggest(field: Suggest, typed: str, *, locale: str = "en", limit: int = 25) -> list[str]:
    """Known names that go on from the last word of a list; each is the whole text to put into the blank."""
    match = re.match(r"(.*[,;、，；]\s*)?(.*)", typed[-500:], re.DOTALL)
    assert match is not None
    before, last = (match[1] or ""), match[2].strip().lower()
    taken = {name.strip().lower() for name in re.split(r"[,;、，；]", before)}
    names = [name for name, words in _known_names(field, locale) if name.lower() not in taken and _matches(words, last)]
    names.sort(key=lambda name: not name.lower().startswith(last))
    return [whole for name in names if len(whole := before + name) <= LONGEST][:limit]


def _known_names(field: Suggest, locale: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each name with every way to write it."""
    if field == "genre":
        return [(genre.name, (genre.name, *genre.aliases)) for genre in GENRES]
    if field == "instrument":
        return [(name, (name,)) for name in known_instruments()]
    return [(mood_word(locale, label), (mood_word(locale, label), label)) for label in EMOTION_LABELS]


def _matches(words: tuple[str, ...], last: str) -> bool:
    return any(word.lower().startswith(last) or f" {last}" in word.lower() for word in words)
