"""The server's own time: the real one plus what a test has added. Every limit in seconds reads this clock."""

from __future__ import annotations

import datetime as dt
import time


class Clock:
    """Runs like the wall clock; `advance` makes 15 minutes pass without waiting."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._stopped_at: float | None = None

    def now(self) -> float:
        """Return seconds since 1970."""
        return (self._stopped_at or time.time()) + self._ahead_s

    def stop(self) -> None:
        """Stand still from now on, but for `advance`."""
        self._stopped_at = time.time()

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._ahead_s += seconds

    def iso(self, at: float | None = None) -> str:
        """Write a moment as Discord does: ISO 8601 with its offset."""
        return dt.datetime.fromtimestamp(self.now() if at is None else at, dt.UTC).isoformat()
