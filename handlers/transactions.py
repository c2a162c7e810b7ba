"""How every handler touches the database: one unit of work, tried again while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from handlers.ports import Clock
from storage.errors import Conflict, DatabaseAway
from storage.unit_of_work import UnitOfWork

T = TypeVar("T")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0


async def run_in_transaction(
    open_unit: Callable[[], UnitOfWork],
    work: Callable[[UnitOfWork], Awaitable[T]],
    *,
    clock: Clock,
    patience_s: float,
) -> T:
    """Run `work` and commit; repeat it after a conflict or while the database is away, up to `patience_s`.

    `work` must be safe to repeat: a commit whose answer got lost may have happened. Compare-and-set statements
    are; they report False the second time, and the sweeper queues again what fell between.
    """
    asked = _cancellations()
    pause_s, waited_s = FIRST_PAUSE_S, 0.0
    while True:
        try:
            async with open_unit() as unit:
                result = await work(unit)
                await unit.commit()
            _stop_if_cancelled(since=asked)
            return result
        except (Conflict, DatabaseAway):
            _stop_if_cancelled(since=asked)
            if waited_s >= patience_s:
                raise
        await clock.sleep(pause_s)
        waited_s += pause_s
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _stop_if_cancelled(*, since: int) -> None:
    """Raise a cancellation that the driver has swallowed.

    aiomysql answers a cancelled statement with an error of its own, and a cancelled ping with a new connection.
    """
    if _cancellations() > since:
        raise asyncio.CancelledError
