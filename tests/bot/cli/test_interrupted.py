"""Ctrl-C, kill or a closed terminal while `try` watches: the song is cancelled, and everything it started goes."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.bot.cli.command_line import Here
from tests.bot.processes import STOP_TIMEOUT_S, environment
from tests.bot.system import SilentLLM


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary place of the test's own, with a path that a socket's may begin with."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_song(
    number: signal.Signals,
    tmp_path: Path,
    temporary: Path,
    weights_home: Path,
    portrait: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    llm = SilentLLM()
    settings = {
        "DEEPFACE_HOME": str(weights_home),
        "OPENAI_API_KEY": "sk-of-nobody",
        "OPENAI_BASE_URL": llm.url,
        "TMPDIR": str(temporary),
        "WRITING_TIMEOUT_S": "600",  # the brief is never written here
    }
    command = [sys.executable, "-m", "bot", "try", str(portrait), "--json"]
    try:
        with llm.ringing():
            child = subprocess.Popen(
                command,
                cwd=tmp_path,
                env=environment(settings),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=_as_at_a_terminal,
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
        llm.close()
    assert (child.returncode, said) == (130, "")
    assert list(temporary.iterdir()) == []
    assert psutil.wait_procs(started, timeout=STOP_TIMEOUT_S)[1] == []
    (song,) = Here(tmp_path, monkeypatch, capsys)("history", "me", "--json").json["songs"]
    assert song["status"] == "cancelled"
    assert not list((tmp_path / "var").rglob("*.selfie"))


def _as_at_a_terminal() -> None:
    """Undo what nohup, or a shell that puts its tests behind `&`, hands down: such a process ignores these signals."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
