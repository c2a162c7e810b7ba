"""Vote counts on the buttons of songs follow the votes, throttled. Chat processes call these in a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.desk import Desk
from handlers.ports import MessageRef
from handlers.replies import Rows


@dataclass(frozen=True, slots=True)
class DueCounts:
    """A song message whose buttons have to change now."""

    song_id: int
    message_ref: MessageRef
    up: int
    down: int
    buttons: Rows


async def due_counts(
    platform: str, *, desk: Desk, mine: Callable[[MessageRef], bool] | None = None
) -> list[DueCounts]:
    """Take the song messages whose counts have changed; of several processes one gets each."""
    raise NotImplementedError


async def counts_shown(due: DueCounts, *, desk: Desk) -> None:
    """Note that the buttons show these counts (or that the message is gone)."""
    raise NotImplementedError
