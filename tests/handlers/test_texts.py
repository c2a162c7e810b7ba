"""Languages: which table a tag chooses, and that traditional Chinese has no simplified character left."""

from __future__ import annotations

from collections import Counter

import pytest

from handlers.texts import (
    TABLES,
    en,
    en_chat,
    en_commands,
    en_music,
    locale_of,
    mood_named,
    sentence,
    terminal_sentence,
    zh,
    zh_chat,
    zh_commands,
    zh_music,
)
from handlers.texts.traditional import SIMPLIFIED, TRADITIONAL, WORDS, traditional


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
    words = {*"".join(TABLES["zh-hant"].values())}
    assert [char for char in sorted(words) if "\u4e00" <= char <= "\u9fff" and not _in_big5(char)] == []
    assert not words & (set(SIMPLIFIED) - set(TRADITIONAL) - set("".join(WORDS.values())))
    assert TABLES["zh-hant"].keys() == TABLES["zh"].keys()


def test_words_are_taiwans_own() -> None:
    assert traditional("视频文件的设置，{limit} MB，请复制到那里") == "影片檔案的設定，{limit} MB，請複製到那裡"
    assert "檔案" in sentence("zh-TW", "file_too_large", megabytes=30, limit=20)
    assert mood_named("開心") == mood_named("开心") == "happy"


def test_no_sentence_hides_another() -> None:
    for tables in ((en, en_music, en_chat, en_commands), (zh, zh_music, zh_chat, zh_commands)):
        codes = Counter(code for table in tables for code in table.SENTENCES)
        assert [code for code, times in codes.items() if times > 1] == []


def test_the_terminal_says_what_to_do_where_chats_cannot() -> None:
    facts = {"detector": "yunet", "state": "damaged"}
    assert terminal_sentence("en", "detector_missing", **facts).endswith("selfietune weights fetch yunet")
    assert "selfietune" not in sentence("en", "detector_missing", **facts)
    assert terminal_sentence("zh", "empty_file") == sentence("zh", "empty_file")
    chats = {code.removeprefix("terminal_") for code in TABLES["en"] if code.startswith("terminal_")}
    assert chats <= TABLES["en"].keys()
    assert [code for code in chats if "selfietune" in TABLES["en"][code]] == []


def _in_big5(char: str) -> bool:
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return False
    return True
