"""Languages: which table a tag chooses, and that traditional Chinese has no simplified character left."""

from __future__ import annotations

import pytest

from handlers.texts import TABLES, TERMINAL, locale_of, mood_named, sentence, terminal_sentence
from handlers.texts.zh_hant import SIMPLIFIED, TRADITIONAL, WORDS, traditional


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
        ("fr", "en"),
        (None, "en"),
    ],
)
def test_a_tag_chooses_its_table(tag: str | None, table: str) -> None:
    assert locale_of(tag) == table


def test_traditional_texts_are_traditional_throughout() -> None:
    """Big5 knows no simplified character that traditional Chinese does not use as well."""
    words = {*"".join([*TABLES["zh-hant"].values(), *TERMINAL["zh-hant"].values()])}
    assert [char for char in sorted(words) if "\u4e00" <= char <= "\u9fff" and not _in_big5(char)] == []
    assert not words & (set(SIMPLIFIED) - set(TRADITIONAL) - set("".join(WORDS.values())))
    assert TABLES["zh-hant"].keys() == TABLES["zh"].keys()


def test_words_are_taiwans_own() -> None:
    assert traditional("视频文件的设置，{limit} MB，请复制到那里") == "影片檔案的設定，{limit} MB，請複製到那裡"
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
