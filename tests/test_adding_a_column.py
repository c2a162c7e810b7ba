"""docs/adding-a-column.md is followed to the letter, on a copy of the code: what it says works."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.guide import Guide

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-column.md").read_text()
NEWEST = re.compile(r'^revision = "(\d+)"', re.MULTILINE)
TRIAL = """
import asyncio
from datetime import datetime
from storage.database import make_engine
from storage.unit_of_work import unit_of_work_factory

async def main():
    engine = make_engine("sqlite+aiosqlite:///dev.db")
    begin = unit_of_work_factory(engine)
    async with begin() as uow:
        ann = await uow.users.create("Ann", datetime(2026, 3, 1))
        await uow.commit()
    await test_energy_is_kept_until_it_is_forgotten(begin, ann)
    await engine.dispose()

asyncio.run(main())
"""


async def test_the_page_can_be_followed(tmp_path: Path) -> None:
    await asyncio.to_thread(_copy_code, tmp_path)
    Guide(PAGE, tmp_path).follow_blocks()
    revisions = (NEWEST.search(file.read_text()) for file in (tmp_path / "migrations/versions").glob("*.py"))
    following = f"{max(int(found[1]) for found in revisions if found) + 1:04}"
    commands = re.findall(r"^    \.venv/bin/(alembic .*)$", PAGE, re.MULTILINE)
    said = [await asyncio.to_thread(_run, command.replace("NEXT", following), tmp_path) for command in commands]
    assert "No new upgrade operations" in said[-1]
    (made,) = (tmp_path / "migrations/versions").glob("*_energy.py")
    for line in re.findall(r"^        (batch_op\..*)$", PAGE, re.MULTILINE):
        assert line in made.read_text().replace("'", '"')

    indented = re.search(r"^    async def test_energy.*?(?=\n\n\S)", PAGE, re.MULTILINE | re.DOTALL)
    assert indented
    header = "from __future__ import annotations\n"
    body = "\n".join(line[4:] for line in indented[0].splitlines())
    (tmp_path / "trial.py").write_text(f"{header}{body}\n{TRIAL}")
    await asyncio.to_thread(_python, ["trial.py"], tmp_path)


def _copy_code(target: Path) -> None:
    for package in ("storage", "migrations"):
        shutil.copytree(ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)


def _run(command: str, folder: Path) -> str:
    words = re.findall(r'"[^"]*"|\S+', command)
    return _python(["-m", *(word.strip('"') for word in words)], folder)


def _python(arguments: list[str], folder: Path) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
