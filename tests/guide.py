"""The pages docs/adding-….md as somebody follows them: on a copy of the code, block by block."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bot.processes import environment

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "generate", "handlers", "migrations", "pipeline", "storage", "tests", "docs")
FILES = ("pyproject.toml", ".env.example", "README.md")
BLOCK = re.compile(r"^```(diff|python)\n ?# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Guide:
    """A page, and the copy on which it is followed."""

    page: str
    folder: Path

    @classmethod
    def of(cls, name: str, folder: Path) -> Guide:
        """Copy the code to an empty folder."""
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        for file in FILES:
            shutil.copy(ROOT / file, folder)
        return cls((ROOT / "docs" / name).read_text(), folder)

    def follow_blocks(self) -> None:
        """Change and write every file that the page shows a block of, in its order."""
        blocks = BLOCK.findall(self.page)
        assert len(blocks) == self.page.count("```") / 2, "a block does not name its file"
        for kind, name, text in blocks:
            file = self.folder / name
            if kind == "diff":
                file.write_text(changed(file.read_text(), text))
            else:
                assert not file.exists(), name
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)

    def run_commands(self, program: str) -> None:
        """Run the page's commands that begin with a program's name."""
        commands = re.findall(rf"^    ({program} .*)$", self.page, re.MULTILINE)
        assert commands, program
        for command in commands:
            subprocess.run(shlex.split(command), cwd=self.folder, check=True)

    def python(self, *arguments: str) -> str:
        """Run Python on the copy; give what it prints."""
        return self.run(sys.executable, *arguments)

    def run(self, *command: str | Path) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment({"PYTHONPATH": str(self.folder)}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def changed(text: str, block: str) -> str:
    """Put a diff's lines with a plus in place of those with a minus, where its other lines stand."""
    lines = block.splitlines(keepends=True)
    before = "".join(line[1:] or line for line in lines if not line.startswith("+"))
    after = "".join(line[1:] or line for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, f"not there, or more than once:\n{before}"
    return text.replace(before, after)
