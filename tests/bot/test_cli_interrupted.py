"""Ctrl-C, kill or a closed terminal while `try` watches: the song is cancelled, and everything it started goes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.bot.cli import Cli
from tests.bot.processes import STOP_TIMEOUT_S, environment
from tests.bot.workshop import Telephone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_song(number: signal.Signals, tmp_path: Path, weights_home: Path, portrait: Path) -> None:
    telephone, temporary = Telephone(), tmp_path / "temporary"
    temporary.mkdir()
    settings = {
        "DEEPFACE_HOME": str(weights_home),
        "OPENAI_API_KEY": "sk-of-nobody",
        "OPENAI_BASE_URL": telephone.url,
        "TMPDIR": str(temporary),
        "WRITING_TIMEOUT_S": "600",  # the brief is never written here
    }
    command = [sys.executable, "-m", "bot", "try", str(portrait), "--json"]
    try:
        with telephone.ringing():
            child = subprocess.Popen(
                command,
                cwd=tmp_path,
                env=environment(settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert child.stderr is not None
            for line in child.stderr:
                if "writing the brief" in line:
                    break
            started = psutil.Process(child.pid).children(recursive=True)
            assert len(started) >= 3  # Redis and both workers
            child.send_signal(number)
            said, _ = child.communicate(timeout=STOP_TIMEOUT_S * 3)
    finally:
        telephone.close()
    assert (child.returncode, said) == (130, "")
    assert list(temporary.iterdir()) == []
    assert psutil.wait_procs(started, timeout=STOP_TIMEOUT_S)[1] == []
    (song,) = json.loads(Cli(tmp_path)("history", "me", "--json").stdout)["songs"]
    assert song["status"] == "cancelled"
    assert not list((tmp_path / "var").rglob("*.selfie"))
