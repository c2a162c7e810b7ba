"""How long a song still takes: from the queue and from how quick the last renders were."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

RECENT = 20  # renders that tell how quick the musicians are at present


@dataclass(frozen=True, slots=True)
class QueueEstimate:
    """The queue at one moment. rate: seconds of work for a second of music; None before the first render."""

    waiting: Sequence[int]  # ids of songs that still have to be rendered, ascending
    busy: int  # how many of them are being rendered
    rate: float | None

    def ahead(self, song_id: int) -> int:
        """How many songs come before this one."""
        return bisect_left(self.waiting, song_id)

    def minutes(self, song_id: int, duration_s: float) -> int | None:
        """About how many minutes until the song is there, at least 1; None before anything is known."""
        if self.rate is None:
            return None
        rounds = 1 + self.ahead(song_id) / max(self.busy, 1)
        return max(1, math.ceil(rounds * self.rate * duration_s / 60))


async def estimate_queue(unit: UnitOfWork) -> QueueEstimate:
    """Look at the queue and the last renders; two indexed queries."""
    waiting = await unit.song_queries.waiting()
    busy = sum(state == SongState.RENDERING for _, state in waiting)
    return QueueEstimate(
        [song_id for song_id, _ in waiting], busy, _rate(await unit.event_log.recent_renders(limit=RECENT))
    )


def _rate(renders: Sequence[object]) -> float | None:
    worked = played = 0.0
    for render in renders:
        if isinstance(render, dict):
            worked += (_number(render, "render_ms") + _number(render, "finish_ms")) / 1000
            played += _number(render, "duration_s")
    return worked / played if played > 0 else None


def _number(render: dict[str, object], name: str) -> float:
    value = render.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0
