"""Every sentence that a person reads, by locale; a folder a language, the same files and keys in each.

Chats and the command line share most sentences; `en/terminal.py` has those that differ there: whoever sits at a
terminal can correct what a listener in a chat can only report. `locales.py` lists the languages; open `en/` first.
"""

from __future__ import annotations

from handlers.texts.locales import LOCALES, locale_of
from pipeline.values import EMOTION_LABELS, EmotionLabel

MOODS: dict[str, dict[EmotionLabel, str]] = {each.tag: each.texts.MOODS for each in LOCALES}
TERMINAL: dict[str, dict[str, str]] = {each.tag: each.texts.TERMINAL for each in LOCALES}
_NAMES = {f"language_{each.tag}": each.name for each in LOCALES}
TABLES: dict[str, dict[str, str]] = {
    each.tag: {
        **each.texts.SENTENCES,
        **_NAMES,
        **{f"mood_{label}": word for label, word in each.texts.MOODS.items()},
    }
    for each in LOCALES
}


def sentence(locale: str, code: str, /, **facts: str | float) -> str:
    """Say `code` with its blanks filled; an unknown code is told as a fault of ours, never shown raw."""
    table = TABLES[locale_of(locale)]
    return table.get(code, table["broken"]).format_map(_Blanks(facts))


def terminal_sentence(locale: str, code: str, /, **facts: str | float) -> str:
    """Say `code` as the command line does, else as chats do."""
    text = TERMINAL[locale_of(locale)].get(code)
    return sentence(locale, code, **facts) if text is None else text.format_map(_Blanks(facts))


def mood_word(locale: str, label: EmotionLabel) -> str:
    return MOODS[locale_of(locale)][label]


def mood_named(text: str) -> EmotionLabel | None:
    """Find the mood that a person named, by its label or by its word in any language."""
    wanted = text.strip().lower()
    words = {word: label for moods in MOODS.values() for label, word in moods.items()}
    return next((label for label in EMOTION_LABELS if label == wanted), words.get(wanted))


def song_title(locale: str, label: EmotionLabel, genre: str) -> str:
    """Name a song by its mood and genre ("Happy lo-fi"); genres stay in the field's English terms."""
    return sentence(locale, "song_title", mood=mood_word(locale, label).capitalize(), genre=genre).strip()


class _Blanks(dict[str, str | float]):
    """Facts that an old row may lack leave a dash rather than a traceback."""

    def __missing__(self, key: str) -> str:
        return "–"
