"""Events that are being handled: a client that closes waits a little for them, then cancels them."""

from __future__ import annotations

import asyncio

GRACE_S = 2.0  # what is not done by then is done by the next process, or was only an answer


class InFlightTasks:
    """The tasks of events that are being handled; the library does not track them once they have begun."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()
        self._closing = False

    def note(self) -> None:
        """Count the present task in until it ends; once closing, end it here."""
        if self._closing:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def accept_new(self) -> None:
        """Accept new events, as a new client does."""
        self._closing = False

    async def finish(self) -> None:
        """Accept nothing new, wait a little for the rest, then cancel it."""
        self._closing = True
        present = asyncio.current_task()
        tasks = {task for task in self._tasks if task is not present}
        if not tasks:
            return
        _, pending = await asyncio.wait(tasks, timeout=GRACE_S)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending, timeout=GRACE_S)
