"""`make zh-hant`: what is missing is made, what is there stays, and the tables of today lack nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generate.zh_hant import main

TEXTS = Path(__file__).parents[2] / "handlers" / "texts"
RESEND = '    "button_resend": "重新傳送",\n'


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of a copy of the texts, where the program works from now on."""
    shutil.copytree(TEXTS, tmp_path / "handlers" / "texts")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "handlers" / "texts" / "zh_hant" / "chat.py"


def test_nothing_is_missing_today(chat: Path) -> None:
    main([])
    for file in TEXTS.glob("zh_hant/*.py"):
        assert (chat.parent / file.name).read_text() == file.read_text()


def test_a_missing_sentence_is_made_and_an_edited_one_stays(chat: Path) -> None:
    written = chat.read_text()
    edited = written.replace("再試一次", "重試")
    assert RESEND in written
    chat.write_text(edited.replace(RESEND, ""))
    main([])
    assert chat.read_text() == edited != written


def test_order_comments_and_codes_are_those_of_the_simplified_table(chat: Path) -> None:
    simplified = chat.parents[1] / "zh" / "chat.py"
    before = simplified.read_text()
    simplified.write_text(
        before.replace('    "page": "{page} / {pages}",\n', '    # new\n    "new": "“{n}” 个视频\\n"\n    "后来",\n')
    )
    assert simplified.read_text() != before
    main([])
    assert '    # new\n    "new": "「{n}」 個影片\\n"\n    "後來",\n' in chat.read_text()
    assert '"page"' not in chat.read_text()


def test_force_makes_edited_sentences_anew(chat: Path) -> None:
    chat.write_text(chat.read_text().replace("重新傳送", "再發一次吧"))
    main(["--force"])
    assert RESEND in chat.read_text()


def test_a_table_that_is_not_there_yet_is_made_whole(chat: Path) -> None:
    lines = len(chat.read_text().splitlines())
    chat.unlink()
    main([])
    assert RESEND in chat.read_text()
    assert len(chat.read_text().splitlines()) == lines
