"""What every handler may touch: database, media, queue, clock and limits. `bot.wiring` binds them together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from handlers.limits import Limits
from handlers.ports import Clock, Queue
from handlers.transactions import run_in_transaction
from storage.media import Media
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deps:
    """What one handler may touch besides its own engine; holds no state of its own."""

    open_unit: UnitOfWorkFactory
    media: Media
    queue: Queue
    clock: Clock
    limits: Limits = field(default_factory=Limits)

    async def commit(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run `work` in a unit of work of its own and commit it (see `run_in_transaction`)."""
        return await run_in_transaction(
            self.open_unit, work, clock=self.clock, patience_s=self.limits.database_patience_s
        )

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run `work`, which only reads: on SQLite it then waits for no writer."""
        reading = partial(self.open_unit, reading=True)
        return await run_in_transaction(reading, work, clock=self.clock, patience_s=self.limits.database_patience_s)

    def stale_before(self) -> datetime:
        """Give the time before which a heartbeat counts as stale."""
        return self.clock.now() - timedelta(seconds=self.limits.stale_after_s)
