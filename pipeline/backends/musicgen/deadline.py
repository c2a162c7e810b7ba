"""How long a song may go on: until its listener gives it up, or its time is over. The composing threads ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.errors import Cancelled, EngineFailed

POLL_S = 0.05  # how often a waiting thread looks at progress and cancellation


@dataclass(frozen=True)
class Deadline:
    """For one song; `deadline` is in time.monotonic's seconds."""

    cancelled: Callable[[], bool]
    deadline: float

    def check(self) -> None:
        """Raise Cancelled or EngineFailed "render_timeout" when it is over."""
        if self.cancelled():
            raise Cancelled
        if time.monotonic() > self.deadline:
            raise EngineFailed("render_timeout")

    @contextmanager
    def turn(self, lock: threading.Lock) -> Iterator[None]:
        """Hold the lock, which another song may hold for minutes."""
        while not lock.acquire(timeout=POLL_S):
            self.check()
        try:
            yield
        finally:
            lock.release()
