"""The demo installs far less than the tests do: nothing of what it runs may import the rest."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(file.stem for file in (ROOT / "bot" / "cli").glob("*.py") if file.stem != "__init__")
WORKERS = ("bot.workers", "bot.engines", "bot.terminal_chat", "handlers.drafting", "handlers.rendering")
ENGINES = ("pipeline.backends.deepface_reader", "pipeline.backends.sketch.composer", "pipeline.backends.face_looks")

REFUSE = """
import importlib, sys
absent, wanted = sys.argv[1].split(","), sys.argv[2:]
class Absent:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError("the demo does not install " + name, name=name)
sys.meta_path.insert(0, Absent)
for name in wanted:
    importlib.import_module(name)
"""


def _locked(name: str) -> set[str]:
    text = (ROOT / "lock" / f"{name}.txt").read_text()
    return {re.sub(r"[-_.]+", "-", found).lower() for found in re.findall(r"(?m)^([\w.-]+)==", text)}


@pytest.fixture(scope="module")
def absent() -> list[str]:
    """Top-level modules of what the locks of tests and music name and the demo's does not."""
    missing = (_locked("dev") | _locked("music") | {"torch"}) - _locked("demo")
    kept = {
        module: {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners}
        for module, owners in packages_distributions().items()
    }
    return sorted(module for module, owners in kept.items() if owners <= missing and module.isidentifier())


def test_the_demo_needs_no_more_than_its_lock(absent: list[str], tmp_path: Path) -> None:
    assert {"torch", "discord", "telegram", "httpx"} <= set(absent)
    wanted = [f"bot.cli.{name}" for name in COMMANDS] + [*WORKERS, *ENGINES]
    command = [sys.executable, "-c", REFUSE, ",".join(absent), *wanted]
    home = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "DEEPFACE_HOME": str(tmp_path)}
    done = subprocess.run(command, env=home, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
