"""The way to the database, which tests may close for a while: a lock for SQLite, a TCP relay for a server."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.engine import make_url


class DatabaseProxy(Protocol):
    """What a test may do to the processes' way to the database."""

    @property
    def url(self) -> str:
        """The database's URL through this proxy."""

    def closed(self) -> contextlib.AbstractContextManager[None]:
        """Let nobody write, or nobody in at all, while the body runs."""


@dataclass
class FileProxy:
    """An SQLite file, closed by a writer that does not come to an end."""

    url: str

    @contextmanager
    def closed(self) -> Iterator[None]:
        connection = sqlite3.connect(self.url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None, timeout=60)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()
            connection.close()


@dataclass
class WireProxy:
    """A relay to a database server; closing it cuts every connection and refuses new ones, as a restart does."""

    target: str
    _port: int = 0
    _listener: socket.socket | None = None
    _ends: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        real = make_url(self.target)
        return real.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port), reuse_port=False)
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        assert self._listener is not None
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    @contextmanager
    def closed(self) -> Iterator[None]:
        self.close()
        try:
            yield
        finally:
            self.open()

    def _accept(self, listener: socket.socket) -> None:
        real = make_url(self.target)
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((real.host or "127.0.0.1", real.port or 3306))
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_relay, args=(source, sink), daemon=True).start()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    source.close()  # the other thread's sink, and it will close ours
