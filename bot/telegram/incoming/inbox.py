"""Updates between Telegram and their handlers: stored, then acknowledged, handled from the database, removed.

Polling and the webhook only store: nobody's slow update holds an acknowledgement back, and what a killed process left
is handled by the next one. One process per token may run this: two would handle the same updates at the same time.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from telegram import Bot, Update

from bot.telegram.origins import PLATFORM
from handlers.deps import Deps
from handlers.transactions import run_in_transaction
from storage.errors import StorageError
from storage.repositories.messages.inbox import InboxRow, NewEvent
from storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

AT_ONCE = 128  # updates in memory; the others wait in the database
AWAY_S = 2.0  # until a database is asked again that was away for as long as handlers wait
GRACE_S = 3.0  # for what is being handled when the process is stopped

Handle = Callable[[Update], Awaitable[None]]


class UpdateInbox:
    """Stores updates and hands each to `handle`: one person's in their order, different people's at the same time."""

    def __init__(self, bot: Bot, handle: Handle, *, deps: Deps) -> None:
        self._bot = bot
        self._handle = handle
        self._deps = deps
        self._begun: dict[int, tuple[str, asyncio.Task[None]]] = {}  # by row: its order key; until it is removed
        self._news = asyncio.Event()
        self._arrived: list[NewEvent] = []
        self._batch: asyncio.Task[None] | None = None  # will store what has arrived
        self._storing = asyncio.Lock()  # one batch at a time: connections to a database overtake each other

    async def store(self, updates: Sequence[Update]) -> None:
        """Store what is not stored yet; only then it may be acknowledged. StorageError: Telegram has to keep it.

        Updates that arrive while others are being stored share a transaction: it costs ten times as much as a row.
        """
        self._arrived += map(event_of, updates)
        self._batch = self._batch or asyncio.create_task(self._store_batch())
        await self._batch

    async def _store_batch(self) -> None:
        async with self._storing:
            events, self._arrived, self._batch = self._arrived, [], None
            now = self._deps.clock.now()
            await self._commit_at_once(lambda unit: unit.inbox.add(PLATFORM, events, now=now))
        self._news.set()

    async def until_stored(self) -> None:
        """Wait for what is being stored."""
        async with self._storing:
            pass

    async def handle_stored(self) -> None:
        """Handle what is stored, also by an earlier process, until cancelled."""
        try:
            while True:
                self._news.clear()
                try:
                    await self._handle_next()
                except StorageError as error:
                    log.warning("stored updates wait for the database: %r", error)
                    await asyncio.sleep(AWAY_S)
                else:
                    await self._news.wait()
        finally:
            await self._stop()

    async def _handle_next(self) -> None:
        """Remove what is handled and begin with what may be handled now."""
        handled = self._handled()
        busy = [order_key for number, (order_key, _) in self._begun.items() if number not in handled]

        async def take_rows(unit: UnitOfWork) -> list[InboxRow]:
            await unit.inbox.remove(handled)
            return await unit.inbox.oldest(PLATFORM, busy=busy, limit=AT_ONCE - len(busy))

        rows = await self._deps.commit(take_rows)
        for number in handled:
            del self._begun[number]
        for row in rows:
            task = asyncio.create_task(self._run(row))
            task.add_done_callback(lambda _: self._news.set())
            self._begun[row.id] = row.order_key, task

    async def _run(self, row: InboxRow) -> None:
        try:
            await self._handle(Update.de_json(json.loads(row.payload), self._bot))
        except Exception:  # a row that stayed would be tried for ever
            log.exception("an update was not handled")

    def _handled(self) -> set[int]:
        return {number for number, (_, task) in self._begun.items() if task.done()}

    async def _stop(self) -> None:
        """Let what is being handled end, break off what takes long: its row stays for the next process."""
        tasks = [task for _, task in self._begun.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_S)
        handled = self._handled()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(StorageError):  # handled again they do nothing
            await self._commit_at_once(lambda unit: unit.inbox.remove(handled))

    async def _commit_at_once(self, work: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        await run_in_transaction(self._deps.open_unit, work, clock=self._deps.clock, patience_s=0)


def event_of(update: Update) -> NewEvent:
    """Write an update as a row. An album's parts wait for nobody: the first one waits for the others."""
    key, user = str(update.update_id), update.effective_user
    account_id = str(user.id) if user else None
    in_album = update.message is not None and update.message.media_group_id is not None
    return NewEvent(
        event_key=key,
        order_key=f"u{key}" if account_id is None or in_album else account_id,
        account_id=account_id,
        payload=update.to_json(),
    )
