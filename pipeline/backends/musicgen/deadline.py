"""When a song's rendering must end: when its listener cancels, or at its time-out. The composing threads check."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.errors import Cancelled, EngineFailed

POLL_S = 0.05  # between two checks of a waiting thread for progress and cancellation


@dataclass(frozen=True)
class Deadline:
    """Of one song; `deadline` is in time.monotonic's seconds."""

    cancelled: Callable[[], bool]
    deadline: float

    def check(self) -> None:
        """Raise Cancelled or EngineFailed "render_timeout" if rendering must end."""
        if self.cancelled():
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise EngineFailed("render_timeout")

    @contextmanager
    def hold(self, lock: threading.Lock) -> Iterator[None]:
        """Hold the lock; checks while it waits, since another song may hold it for minutes."""
        while not lock.acquire(timeout=POLL_S):
            self.check()
        try:
            yield
        finally:
            lock.release()
