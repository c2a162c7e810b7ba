"""Every sentence that a person reads, by locale; a folder a language, the same files and keys in each.

Open `en/` first. Chats and the command line share most sentences; `en/terminal.py` has those that differ there: who
sits at a terminal can mend what a listener in a chat can only report.
"""

from __future__ import annotations

from handlers.texts import en, zh
from handlers.texts.zh_hant import traditional
from pipeline.values import EMOTION_LABELS, EmotionLabel

HANT = "zh-hant"  # Chinese in traditional characters
TRADITIONAL_TAGS = frozenset({"hant", "tw", "hk", "mo"})  # script and regions of a language tag

MOODS: dict[str, dict[EmotionLabel, str]] = {"en": en.MOODS, "zh": zh.MOODS}
TABLES: dict[str, dict[str, str]] = {"en": dict(en.SENTENCES), "zh": dict(zh.SENTENCES)}
TERMINAL: dict[str, dict[str, str]] = {"en": en.TERMINAL, "zh": zh.TERMINAL}
MOODS[HANT] = {label: traditional(word) for label, word in zh.MOODS.items()}
TABLES[HANT] = {code: traditional(text) for code, text in TABLES["zh"].items()}
TERMINAL[HANT] = {code: traditional(text) for code, text in TERMINAL["zh"].items()}
for _locale, _moods in MOODS.items():
    TABLES[_locale] |= {f"mood_{label}": word for label, word in _moods.items()}


def locale_of(tag: str | None) -> str:
    """Choose the table for a language tag such as "zh-TW" or "en_GB"; English where we have none."""
    language, *more = (tag or "en").replace("_", "-").lower().split("-")
    if language == "zh" and "hans" not in more and not TRADITIONAL_TAGS.isdisjoint(more):
        return HANT
    return language if language in TABLES else "en"


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
