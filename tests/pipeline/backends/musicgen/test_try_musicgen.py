"""`selfietune try --engine musicgen` with nothing set but where the weights are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.command_line import Cli

pytestmark = pytest.mark.timeout(600)  # workers import torch and audiocraft first: 8 s of one core, more on a busy one


def test_who_names_musicgen_gets_it_though_auto_would_take_sketch(
    home: Path, weights_home: Path, portrait: Path, tmp_path: Path
) -> None:
    """Nobody measured how fast the model is here, so `auto` leaves it alone."""
    settings = {"DEEPFACE_HOME": str(weights_home), "MUSICGEN_HOME": str(home), "MUSICGEN_MODEL": "text"}
    cli = Cli(tmp_path, settings)
    song = cli("try", portrait, "--engine", "musicgen", "--mood", "happy", "--duration", "5", "--json")
    assert (song.status, song.json["engine"]) == (0, "musicgen-text")
    longer = cli("extend", str(song.json["generation_id"]), "--by", "5", "--json")
    assert (longer.status, longer.json["engine"]) == (0, "musicgen-text")
    assert longer.json["audio"]["duration_s"] == pytest.approx(10.0, abs=0.2)
    other = cli("try", portrait, "--engine", "musicgen-stereo", "--mood", "happy", "--duration", "5", "--json")
    assert (other.json["engine"], other.json["audio"]["channels"]) == ("musicgen-stereo", 2)
    assert cli("try", portrait, "--mood", "happy", "--duration", "5", "--json").json["engine"] == "sketch"
    nobody = cli("try", portrait, "--engine", "musicgen-large", "--mood", "happy", "--duration", "5", "--json")
    assert (nobody.status, nobody.code) == (1, "unknown_engine")
