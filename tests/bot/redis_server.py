"""A real Redis that tests may empty, stop and start again at the same address."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from bot.cli.embedded_redis import die_with_parent, redis_executable

START_TIMEOUT_S = 30


@dataclass
class RedisServer:
    """The wheel's redis-server on a socket, with nothing kept on disk."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def on_socket(cls) -> Iterator[Self]:
        """Run a server in a folder with a short name: socket paths may have 104 bytes on macOS."""
        with tempfile.TemporaryDirectory(prefix="redis-") as folder:
            server = cls(Path(folder))
            server.start()
            try:
                yield server
            finally:
                server.stop()

    @property
    def socket(self) -> Path:
        return self.folder / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(str(redis_executable()), "--port", "0", "--unixsocket", str(self.socket), "--save", ""),
                *("--appendonly", "no", "--dir", str(self.folder), "--loglevel", "warning"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it at once, with everything it held."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.socket.unlink(missing_ok=True)

    def restart(self) -> None:
        self.stop()
        self.start()

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def exists(self, key: str) -> bool:
        with self.client() as client:
            return bool(client.exists(key))

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False
