"""docs/adding-an-engine.md is followed on a copy of the code: the new engine makes a song by the whole way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bot.cli.command_line import Cli
from tests.guide import Guide


@pytest.mark.timeout(400)
def test_the_page_can_be_followed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, weights_home: Path, portrait: Path
) -> None:
    guide = Guide.of("adding-an-engine.md", tmp_path)
    guide.follow_blocks()
    tools = Path(sys.executable).parent
    guide.run(tools / "ruff", "check", "pipeline/backends/hum", "bot/engines.py")
    guide.run(tools / "ruff", "format", "--check", "pipeline/backends/hum", "bot/engines.py")
    guide.run(tools / "lint-imports", "--no-cache")

    settings = {"PYTHONPATH": str(tmp_path), "DEEPFACE_HOME": str(weights_home)}
    cli = Cli(tmp_path_factory.mktemp("empty"), settings)
    song = cli("try", portrait, "--mood", "happy", "--engine", "hum", "--duration", "5", "--json")
    assert song.status == 0, song.stderr
    assert song.json["engine"] == song.json["params"]["model"] == "hum"
    assert song.json["params"]["credit"] == {"kind": "synthesised", "licence": None}
    assert song.json["params"]["made_with"] == {"hum": "1"}
    assert song.json["audio"]["duration_s"] == pytest.approx(5, abs=0.1)
    assert b"Made by Selfietune (hum)" in Path(song.json["audio"]["path"]).read_bytes()

    checks = cli("doctor", "--json", MUSIC_ENGINE="hum").json["checks"]
    assert "hum, as MUSIC_ENGINE says" in [check["says"] for check in checks]
    assert cli("try", portrait, "--engine", "hum-small", "--json").code == "usage"
