"""Which engines a music worker opens: under `auto` there is always one; asked for by name, that one or a sentence."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.engines import open_composers
from bot.settings import Settings
from pipeline.audio.composer import Composer
from pipeline.backends.musicgen.engine_choice import write_speed
from pipeline.errors import EngineFailed


@pytest.fixture
def there(home: Path, tmp_path: Path) -> Path:
    """A weights home of a test's own with the model "text", fast enough for `auto`."""
    shutil.copytree(home / "hub", tmp_path / "hub")
    shutil.copytree(home / "text", tmp_path / "text")
    write_speed("text", tmp_path, 0.5)
    return tmp_path


def opened(there: Path, **settings: Any) -> list[Composer]:
    composers = open_composers(
        Settings.model_validate(
            {
                "musicgen_model": "text",
                "musicgen_home": there,
                "musicgen_slots": 1,
                "musicgen_device": "cpu",
                **settings,
            }
        )
    )
    for composer in composers:
        composer.close()
    return composers


def test_auto_opens_what_loads(there: Path) -> None:
    assert [composer.name for composer in opened(there)] == ["musicgen-text", "sketch"]
    steered, _ = opened(there, musicgen_steer_from_avoid=True)
    assert steered.made_with["steered_from"] == "avoid"


@pytest.mark.parametrize("harm", ["cut", "hub gone", "no room"])
def test_auto_is_content_with_sketch_and_says_why(there: Path, caplog: pytest.LogCaptureFixture, harm: str) -> None:
    if harm == "cut":
        file = there / "text" / "state_dict.bin"
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    if harm == "hub gone":
        shutil.rmtree(there / "hub")
    settings = {"musicgen_slots": 10**9} if harm == "no room" else {}
    with caplog.at_level(logging.WARNING):
        assert [composer.name for composer in opened(there, **settings)] == ["sketch"]
    assert "songs are made by sketch, for musicgen does not load" in caplog.text
    assert ("does not fit" if harm == "no room" else "can't be read") in caplog.text
    with pytest.raises(EngineFailed):
        opened(there, music_engine="musicgen", **settings)
