"""The settings have one source: their fields. What operators read is made from it, and is what the source gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings
from generate.settings_files import files
from handlers.limits import Limits

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", files())
def test_a_generated_file_is_what_its_source_gives(name: str) -> None:
    assert (ROOT / name).read_text() == files()[name], "run `make settings`"


def test_every_setting_is_described_and_listed_once() -> None:
    names = [name.upper() for name in Settings.model_fields]
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert sorted(re.findall(r"^([A-Z_]+)=", files()[".env.example"], re.MULTILINE)) == sorted(names)
    assert sorted(re.findall(r"^\| `([A-Z_]+)`", files()["docs/settings.md"], re.MULTILINE)) == sorted(names)


def test_the_example_file_sets_what_is_the_default_anyway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text(files()[".env.example"])
    defaults = Settings.model_validate({})
    monkeypatch.chdir(tmp_path)
    assert Settings.read() == defaults


def test_limits_nobody_set_are_the_handlers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert Settings.read().limits == Limits()
