"""What an operator types: `doctor` and `db`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.backends.deepface.weights import YUNET_FILE, weights_folder
from tests.bot.cli.command_line import Here


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(tmp_path, monkeypatch, capsys)


def test_doctor_says_what_to_do_in_an_empty_folder(cli: Here) -> None:
    answer = cli("doctor", "--json")
    checks = {check["name"]: check for check in answer.json["checks"]}
    assert answer.status == 2
    assert set(checks) >= {"chat", "llm", "database", "redis", "media", "mood weights", "face detector", "ffmpeg"}
    assert not checks["mood weights"]["fine"]
    assert "weights build" in checks["mood weights"]["do"]
    assert [check for check in checks.values() if not check["fine"] and not check["do"]] == []
    assert "weights build" in cli("doctor").stdout
    away = cli("doctor", REDIS_URL="redis://[::1]:1").stdout
    assert "redis://[::1]:1" in away
    assert "make demo" in away


def test_a_redis_that_is_away_is_named(cli: Here) -> None:
    """arq has asked four times by then."""
    answer = cli("worker", "music", REDIS_URL="redis://127.0.0.1:1/0")
    assert answer.status == 1
    assert "check REDIS_URL" in answer.stderr


def test_doctor_is_content_with_everything_there(cli: Here, weights_home: Path) -> None:
    cli("db", "upgrade")
    assert cli("doctor", DEEPFACE_HOME=str(weights_home)).status == 0


@pytest.mark.parametrize(("options", "fine", "status"), [("auto", False, 0), ("yunet", False, 2), ("opencv", True, 0)])
def test_doctor_wants_a_damaged_detector_fetched_anew(
    cli: Here, weights_home: Path, tmp_path: Path, options: str, fine: bool, status: int
) -> None:
    home = tmp_path / "home"
    shutil.copytree(weights_home, home)
    (weights_folder(home) / YUNET_FILE).write_bytes(b"half of it")
    answer = cli("doctor", "--json", DEEPFACE_HOME=str(home), FACE_DETECTOR=options)
    (check,) = [check for check in answer.json["checks"] if check["name"] == "face detector"]
    assert (check["fine"], answer.status) == (fine, status)
    assert check["says"] == ("opencv" if fine else "yunet damaged")
    assert fine or "weights fetch yunet" in check["do"]


def test_doctor_prints_no_secret(cli: Here) -> None:
    secrets = {
        "DATABASE_URL": "mysql+aiomysql://ann:hunt%40er2@127.0.0.1:1/songs",
        "REDIS_URL": "redis://:sesame7@127.0.0.1:1/0",
        "OPENAI_API_KEY": "sk-open-barley-9",
        "DISCORD_TOKEN": "a-token-of-discord",
        "TELEGRAM_TOKEN": "123456:a-token-of-telegram",
    }
    for arguments in (("doctor",), ("doctor", "--json"), ("-v", "doctor")):
        answer = cli(*arguments, **secrets)
        assert answer.status == 2
        said = answer.stdout + answer.stderr
        for secret in ("hunt", "er2", "sesame7", "barley", "a-token-of"):
            assert secret not in said


def test_the_database_goes_up_and_down(cli: Here) -> None:
    assert cli("db", "current").stdout == "empty\n"
    up = cli("db", "upgrade").stdout
    assert up.endswith(" (head)\n")
    assert cli("db", "current").stdout == up
    assert cli("db", "downgrade", "base").stdout == "empty\n"
    assert cli("db", "upgrade").stdout == up


def test_a_shared_database_is_its_operators_to_upgrade(cli: Here, tmp_path: Path) -> None:
    shared = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}"}
    answer = cli("history", "ann", "--json", **shared)
    assert (answer.status, answer.code) == (2, "database_outdated")
    cli("db", "upgrade", **shared)
    assert cli("history", "ann", "--json", **shared).code == "unknown_listener"


def test_looking_makes_no_database(cli: Here, tmp_path: Path) -> None:
    file = tmp_path / "missing.db"
    cli("doctor", DATABASE_URL=f"sqlite+aiosqlite:///{file}")
    assert cli("db", "current", DATABASE_URL=f"sqlite+aiosqlite:///{file}").stdout == "empty\n"
    assert not file.exists()


def test_a_file_that_is_no_database_is_refused(cli: Here, tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ann, " * 200)
    answer = cli("history", "ann", "--json", DATABASE_URL=f"sqlite+aiosqlite:///{file}")
    assert (answer.status, answer.code) == (2, "database_refused")
    assert file.read_text().startswith("Dear Ann")
