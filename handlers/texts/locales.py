"""The languages that we speak, a row each; look-ups, choices and every platform's menus follow from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from handlers.texts import en, zh, zh_hant
from pipeline.values import EmotionLabel


class Texts(Protocol):
    """What a language's folder offers."""

    MOODS: dict[EmotionLabel, str]
    SENTENCES: dict[str, str]
    TERMINAL: dict[str, str]


@dataclass(frozen=True, slots=True)
class Locale:
    """A language as we write it."""

    tag: str  # lower-case language tag, as /language takes it and profiles keep it
    name: str  # what its readers call it
    texts: Texts
    subtags: frozenset[str] = frozenset()  # scripts and regions that mean this row rather than its language's first

    @property
    def language(self) -> str:
        """Its bare language: "zh" of "zh-hant"."""
        return self.tag.split("-")[0]


LOCALES: tuple[Locale, ...] = (
    Locale("en", "English", en),
    Locale("zh", "中文", zh, frozenset({"hans"})),
    Locale("zh-hant", "繁體中文", zh_hant, frozenset({"hant", "tw", "hk", "mo"})),
)
DEFAULT = "en"


def find_locale(tag: str) -> str | None:
    """Give the row that a language tag such as "zh-TW" or "en_GB" leads to, None where we do not speak its language.

    The first script or region that a row claims decides; the language's first row takes the others.
    """
    language, *subtags = tag.replace("_", "-").lower().split("-")
    ours = [each for each in LOCALES if each.language == language]
    claimed = (each.tag for subtag in subtags for each in ours if subtag in each.subtags)
    return next(claimed, ours[0].tag if ours else None)


def locale_of(tag: str | None) -> str:
    """Give the row that a language tag leads to, English where there is none."""
    return (tag and find_locale(tag)) or DEFAULT
