"""Updates by long polling, acknowledged when they are handled: what a crash interrupts comes again.

The library's own poller acknowledges what it has only queued, and a crash would lose it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.api_errors import flood_s
from bot.telegram.incoming.pending_updates import PendingUpdates

log = logging.getLogger(__name__)

WAIT_S = 25  # how long Telegram holds a request when nothing happens
LOOK_AGAIN_S = 0.2  # while something is being handled, Telegram answers at once, with up to 100 known updates again
MOST = 100  # updates that Telegram hands out at once
HELD_S = 15.0  # an update that takes longer goes into the database's keeping, and holds no acknowledgement back
CROWDED_S = 1.0  # the same where MOST wait already: nobody after them would be heard
GRACE_S = 3.0
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

Handle = Callable[[Update], Awaitable[None]]


class Poller:
    """Fetches updates and hands each to `handle` once, in a task of its own."""

    def __init__(self, bot: Bot, handle: Handle, pending: PendingUpdates, *, kinds: Sequence[str]) -> None:
        self._bot = bot
        self._handle = handle
        self._held = pending
        self._kinds = kinds
        self._offset = 0  # all before it are acknowledged
        self._begun: dict[int, tuple[float, Update]] = {}  # update id → time.monotonic(), from the offset on
        self._crowded = False
        self._kept: set[int] = set()  # being handled, and in the database's keeping
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Poll until cancelled; raises InvalidToken when Telegram does not know the bot."""
        failures = 0
        try:
            for update in await self._held.left():
                self._kept.add(update.update_id)
                self._begin(update)
            while True:
                try:
                    await self._poll()
                    failures = 0
                except InvalidToken:
                    raise
                except TelegramError as error:
                    pause = (
                        flood_s(error) if isinstance(error, RetryAfter) else PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                    )
                    level = logging.ERROR if isinstance(error, Conflict) else logging.WARNING
                    log.log(level, "no updates from Telegram, trying again in %g s: %s", pause, error)
                    failures += 1
                    await asyncio.sleep(pause)
        finally:
            await self._stop()

    async def _poll(self) -> None:
        await self._acknowledge()
        updates = await self._bot.get_updates(
            offset=self._offset or None,
            timeout=0 if self._begun else WAIT_S,
            allowed_updates=self._kinds,
        )
        self._crowded = len(updates) >= MOST
        for update in updates:
            if update.update_id not in self._begun and update.update_id not in self._tasks:
                self._begin(update)
        await self._until_handled()

    def _begin(self, update: Update) -> None:
        number = update.update_id
        self._begun[number] = time.monotonic(), update
        self._tasks[number] = asyncio.create_task(self._run(update))

    async def _run(self, update: Update) -> None:
        number = update.update_id
        try:
            await self._handle(update)
            if number in self._kept:
                await self._held.drop(number)
        finally:
            del self._tasks[number]
            self._kept.discard(number)
            if not self._tasks:
                self._idle.set()

    async def _until_handled(self) -> None:
        """Wait until everything is handled, but not so long that somebody new would notice."""
        if not self._tasks:
            return
        self._idle.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_S):  # wait_for would swallow a cancel that comes with the event
                await self._idle.wait()

    async def _acknowledge(self) -> None:
        """Move the offset past what is handled or kept, as far as nothing before it is neither."""
        for number in sorted(self._begun):
            if number in self._tasks and not await self._keep_if_late(number):
                return
            del self._begun[number]
            self._offset = max(self._offset, number + 1)  # an old update may have come again

    async def _keep_if_late(self, number: int) -> bool:
        """Give what takes long into the database's keeping; True when it is there, or handled meanwhile."""
        begun_at, update = self._begun[number]
        if number in self._kept:
            return True
        few_hold_many = self._crowded and len(self._tasks) < MOST // 2  # where all are slow, more would help nobody
        if time.monotonic() - begun_at < (CROWDED_S if few_hold_many else HELD_S):
            return False
        if not await self._held.keep(update):
            return False
        if number in self._tasks:
            self._kept.add(number)
        else:
            await self._held.drop(number)
        return True

    async def _stop(self) -> None:
        """Let what is being handled end, break off what takes long (it comes again), acknowledge the rest."""
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_S)
        for task in tasks:
            task.cancel()
        unfinished = set(self._tasks) - self._kept
        await asyncio.gather(*tasks, return_exceptions=True)
        done = [number for number in sorted(self._begun) if number < min(unfinished, default=number + 1)]
        if done:
            try:
                await self._bot.get_updates(offset=done[-1] + 1, timeout=0, limit=1, allowed_updates=self._kinds)
            except TelegramError as error:
                log.info("the last updates stay unacknowledged: %s", error)
