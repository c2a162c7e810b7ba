"""Works that run side by side in one process: when one ends, all do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

CANCEL_AGAIN_S = 10.0  # longer than an orderly end takes


async def together(*works: Coroutine[Any, Any, object]) -> None:
    """Run until the first work ends or fails, stop the others, and raise what the first one raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _stop(tasks)
    for task in done:
        task.result()


async def _stop(tasks: list[asyncio.Task[object]]) -> None:
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
