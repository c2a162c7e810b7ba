"""Waiting that is not given up: for work that must end before its owner does. Leases and workers use it."""

from __future__ import annotations

import asyncio


async def outlast(task: asyncio.Task[object]) -> None:
    """Wait until a task has ended, whatever comes of it; a cancellation of the waiting is raised afterwards.

    Awaiting the task itself would pass the cancellation on to it, and `asyncio.shield` would leave it behind.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
