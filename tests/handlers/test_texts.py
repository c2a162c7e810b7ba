"""Languages: which row a tag leads to, what a row brings with it, and that Traditional Chinese is that throughout."""

from __future__ import annotations

import pytest

from handlers.commands.registry import command_named
from handlers.texts import TABLES, TERMINAL, mood_named, sentence, terminal_sentence
from handlers.texts.locales import LOCALES, find_locale, locale_of

# Simplified characters that Big5 knows as well, as other and rarer words.
AMBIGUOUS = set(
    "万与丑丰么于云仆价优伙体余佣儿党凄几凶划占厂厘吁后吨听咨咸圣坏复夸宁尸岩岭岳帘干并庄异征怀怜惊愿扑扰挂据斗晒朴机杠杰"
    "极构柜栖棱气污泄泞洁洒洼涂涌淀游熏瓮痒痹确离种筑篱网羡肮胜腊苹范茧荐虫虱蚕蜡蝎触赶踊辟适郁采雇霉"
)


@pytest.mark.parametrize(
    ("tag", "table"),
    [
        ("en-GB", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh_SG", "zh"),
        ("zh-TW", "zh-hant"),
        ("zh_HK", "zh-hant"),
        ("zh-Hant", "zh-hant"),
        ("zh-Hans-HK", "zh"),
        ("zh-yue-HK", "zh-hant"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_tag_leads_to_its_row(tag: str | None, table: str) -> None:
    assert locale_of(tag) == table


def test_a_row_is_all_that_choices_and_names_need() -> None:
    tags = [each.tag for each in LOCALES]
    assert [find_locale(tag) for tag in tags] == tags
    assert find_locale("fr") is None
    language = command_named("language")
    assert language is not None
    names = [TABLES["en"][code] for _, code in language.options[0].choices]
    assert names == [*(each.name for each in LOCALES), "as the app"]
    assert [value for value, _ in language.options[0].choices] == [*tags, "auto"]


def test_traditional_texts_are_traditional_throughout() -> None:
    """Big5, their old encoding, knows them all."""
    words = {*"".join([*TABLES["zh-hant"].values(), *TERMINAL["zh-hant"].values()])}
    assert [char for char in sorted(words) if "\u4e00" <= char <= "\u9fff" and not _in_big5(char)] == []
    assert not words & AMBIGUOUS


def test_words_are_taiwans_own() -> None:
    assert "檔案" in sentence("zh-TW", "file_too_large", megabytes=30, limit=20)
    assert mood_named("開心") == mood_named("开心") == "happy"


@pytest.mark.parametrize(("locale", "admin"), [("en", "whoever runs this bot"), ("zh", "管理员")])
def test_who_sits_at_the_terminal_hears_what_to_do(locale: str, admin: str) -> None:
    assert admin in sentence(locale, "weights_damaged", file="x.onnx")
    said = terminal_sentence(locale, "weights_damaged", file="x.onnx")
    assert "x.onnx" in said
    assert "selfietune weights build" in said
    assert terminal_sentence(locale, "broken_picture") == sentence(locale, "broken_picture")


def _in_big5(char: str) -> bool:
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return False
    return True
