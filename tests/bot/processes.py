"""The product's processes as an operator runs them: `python -m bot …`, with a log, and with signals."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.cli.embedded_redis import die_with_parent

ROOT = Path(__file__).parents[2]
STOP_TIMEOUT_S = 30


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give a child these settings and nothing of the environment that the tests run in."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "200",
        **settings,
    }


@dataclass
class OwnProcess:
    """One process: started, stopped, frozen, killed, and started again."""

    arguments: tuple[str, ...]
    settings: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=self.folder,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(STOP_TIMEOUT_S)

    async def terminate(self) -> int:
        """SIGTERM; give the exit status. This process works on meanwhile: it may hold what the other waits for."""
        self._send(signal.SIGTERM)
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, STOP_TIMEOUT_S)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def _send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
