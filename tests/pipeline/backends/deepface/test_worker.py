"""What the mood reader's process does whoever its parent is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from pipeline.backends.deepface.weights import build_weights

ROOT = Path(__file__).parents[4]


def test_the_process_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    build_weights(tmp_path)
    program = f"""
        import asyncio
        from pathlib import Path
        from pipeline.backends.deepface.reader import DeepFaceReader

        async def main():
            async with DeepFaceReader(Path({str(tmp_path)!r})) as reader:
                await reader.warm()
                print("ready", flush=True)
                await asyncio.sleep(60)

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        (child,) = psutil.Process(parent.pid).children()
        os.kill(parent.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs([child], timeout=10)
    assert alive == []


@pytest.mark.parametrize(
    "action",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "bytearray(5 << 30)",
    ],
)
def test_the_process_is_restricted(action: str) -> None:
    program = f"""
        from pipeline.backends.deepface.worker import _restrict_process
        _restrict_process()
        try:
            {action}
        except (PermissionError, MemoryError) as error:
            print(type(error).__name__)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode().strip() in {"PermissionError", "MemoryError"}
