"""Each `make` target installs far less than the tests do: nothing of what its processes run may import the rest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from bot.cli.optional_libraries import TARGETS, missing_library

ROOT = Path(__file__).parents[3]
COMMANDS = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in sorted((ROOT / "bot" / "cli").rglob("*.py"))
    if file.stem != "__init__"
]
WORKERS = (
    "bot.workers.processes",
    "bot.engines",
    "bot.cli.terminal_chat",
    "handlers.jobs.draft",
    "handlers.jobs.render",
)
ENGINES = (
    "pipeline.backends.deepface.reader",
    "pipeline.backends.sketch.composer",
    "pipeline.backends.deepface.face_search",
)
CHATS = (
    "bot.cli.main",
    "bot.cli.commands.run",
    "bot.discord.service",
    "bot.telegram.service",
    "bot.telegram.outgoing.thumbnail",
)

REFUSE = """
import importlib, importlib.machinery, sys
absent, wanted = sys.argv[1].split(","), sys.argv[2:]
found = importlib.machinery.PathFinder.find_spec
def find(name, path=None, target=None):
    return None if name.partition(".")[0] in absent else found(name, path, target)
importlib.machinery.PathFinder.find_spec = find
"""
IMPORT = "for name in wanted: importlib.import_module(name)"
RUN = "from bot.cli.main import run; sys.exit(run(wanted))"


def _locked(name: str) -> set[str]:
    text = (ROOT / "lock" / f"{name}.txt").read_text()
    return {_plain(found) for found in re.findall(r"(?m)^([\w.-]+)==", text)}


def _plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _absent(*locks: str) -> list[str]:
    """Top-level modules of what all the locks together name, and these do not."""
    here: set[str] = set().union(*map(_locked, locks))
    missing = (_locked("dev") | _locked("music") | {"torch"}) - here
    kept = {module: {_plain(owner) for owner in owners} for module, owners in packages_distributions().items()}
    return sorted(module for module, owners in kept.items() if owners <= missing and module.isidentifier())


def _without(absent: list[str], code: str, wanted: list[str], folder: Path, **settings: str) -> tuple[int, str]:
    """Run code in a Python that lacks these modules; give its status and what it said."""
    home = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder), "DEEPFACE_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", REFUSE + code, ",".join(absent), *wanted],
        env={**home, **settings},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("locks", "lacks", "wanted"),
    [
        (("demo",), {"torch", "discord", "telegram", "httpx", "s3fs"}, [*COMMANDS, *WORKERS, *ENGINES]),
        (("chat",), {"torch", "deepface", "onnxruntime", "openai", "numpy", "s3fs"}, list(CHATS)),
        (("demo", "chat"), {"torch", "s3fs"}, [*COMMANDS, *WORKERS, *ENGINES, *CHATS]),
    ],
    ids=["demo", "chat alone", "make chat"],
)
def test_a_target_brings_all_that_its_processes_import(
    locks: tuple[str, ...], lacks: set[str], wanted: list[str], tmp_path: Path
) -> None:
    absent = _absent(*locks)
    assert lacks <= set(absent)
    status, said = _without(absent, IMPORT, wanted, tmp_path)
    assert status == 0, said


@pytest.mark.parametrize(
    ("arguments", "settings", "library", "target"),
    [
        (["run"], {"DISCORD_TOKEN": "a.b.c"}, "aiohttp", "chat"),
        (["run"], {"TELEGRAM_TOKEN": "1:abc"}, "telegram", "chat"),
        (["history", "me"], {"MEDIA_URL": "s3://songs/here"}, "s3fs", "s3"),
    ],
)
def test_what_is_not_installed_is_named_with_its_target(
    arguments: list[str], settings: dict[str, str], library: str, target: str, tmp_path: Path
) -> None:
    status, said = _without(_absent("demo"), RUN, arguments, tmp_path, **settings)
    assert (status, said) == (2, f"The library {library} is not installed here. Please run: make {target}\n")
    assert not (tmp_path / "var" / "logs").exists()  # no worker was started for nothing


def test_a_machine_for_chats_alone_that_shall_read_moods_is_told(tmp_path: Path) -> None:
    redis = {"REDIS_URL": f"unix://{tmp_path}/redis.sock"}
    status, said = _without(_absent("chat"), RUN, ["plan", "--mood", "sad"], tmp_path, OPENAI_API_KEY="sk-x", **redis)
    assert (status, said) == (2, "The library openai is not installed here. Please run: make demo\n")


@pytest.mark.parametrize(("lock", "fine"), [("demo", False), ("chat", True)])
def test_doctor_says_whether_the_chats_that_have_tokens_can_be_served(lock: str, fine: bool, tmp_path: Path) -> None:
    _, said = _without(_absent(lock), RUN, ["doctor", "--json"], tmp_path, DISCORD_TOKEN="a.b.c", TELEGRAM_TOKEN="1:x")
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert (checks["chat"]["fine"], checks["chat"]["do"].endswith("make chat")) == (fine, not fine)
    assert checks["ffmpeg"]["fine"] is not fine  # who only chats has none


def test_every_target_is_one_and_has_its_lock() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for library, target in TARGETS.items():
        assert f"\n{target}: .venv/{target}\n" in makefile
        (owner,) = {_plain(name) for name in packages_distributions()[library]}
        assert owner in _locked(target) | {"torch"}
        assert owner not in _locked("demo")


def test_a_module_of_our_own_that_is_missing_is_a_bug() -> None:
    assert missing_library(ModuleNotFoundError("no", name="bot.nowhere")) is None
    assert missing_library(ImportError("cannot import name")) is None
    assert missing_library(ValueError("no")) is None
