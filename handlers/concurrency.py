"""Waiting that no cancellation breaks off, for work that must end before its caller. Leases and workers use it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def wait_uncancelled(task: asyncio.Task[object]) -> None:
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


CANCEL_AGAIN_S = 10.0  # longer than an orderly end takes


async def run_until_first_exit(*works: Coroutine[Any, Any, object]) -> None:
    """Run coroutines side by side until the first ends or fails, cancel the others, and raise what the first raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancel_all(tasks)
    for task in done:
        task.result()


async def _cancel_all(tasks: list[asyncio.Task[object]]) -> None:
    """Cancel until all have ended: a cancel that meets a database driver in the middle of a call can get lost."""
    cancelled: asyncio.CancelledError | None = None
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
        except asyncio.CancelledError as error:  # we are stopped as well; no work is left behind for that
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def finish_despite_cancel(work: Coroutine[Any, Any, object]) -> None:
    """Finish the work even when cancelled meanwhile: a database call that is broken off costs its connection."""
    task = asyncio.create_task(work)
    await wait_uncancelled(task)
    task.result()
