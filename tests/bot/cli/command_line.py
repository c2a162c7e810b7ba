"""The command line as a person or a script runs it: arguments in, status, stdout and stderr out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.cli.main import run
from bot.settings import Settings
from tests.bot.processes import environment

TIMEOUT_S = 100


@dataclass(frozen=True)
class Answer:
    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object that stdout holds, and nothing else."""
        data = json.loads(self.stdout)
        assert isinstance(data, dict)
        return data

    @property
    def code(self) -> str:
        """The error's code; there is a sentence with it."""
        assert set(self.json) == {"error"}
        assert set(self.json["error"]) == {"code", "message"}
        assert "–" not in self.json["error"]["message"]
        assert self.json["error"]["message"]
        return str(self.json["error"]["code"])


@dataclass(frozen=True)
class Here:
    """The command line without a process of its own: for what ends before any process would start."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path, **settings: str) -> Answer:
        with self.monkeypatch.context() as patch:
            patch.chdir(self.folder)
            for name in Settings.model_fields:
                patch.delenv(name.upper(), raising=False)
            for name, value in settings.items():
                patch.setenv(name, value)
            status = run([*map(str, arguments)])
        said = self.capture.readouterr()
        assert "Traceback" not in said.err, said.err
        return Answer(status, said.out, said.err)


@dataclass(frozen=True)
class Cli:
    """The command line in a process of its own."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, **settings: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *map(str, arguments)],
            cwd=self.folder,
            env=environment({**self.settings, **settings}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)
