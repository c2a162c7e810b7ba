"""The inbox: events that are acknowledged to their platform and not yet handled. A handled one is removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from storage.errors import Conflict
from storage.repositories.sql import changed, columns, rows
from storage.tables.incoming import InboxEvent

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to store. Keys have up to 64 characters, a payload has up to 16 MiB."""

    event_key: str
    order_key: str  # events that share it are handled one after another
    account_id: str | None  # whose it is
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One stored event."""

    id: int
    order_key: str
    payload: str


class Inbox:
    """Every stored event."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, platform: str, events: Sequence[NewEvent], *, now: datetime) -> None:
        """Store those that are not stored yet; Conflict when another process stores one of them at the same time."""
        mine = (InboxEvent.platform == platform, InboxEvent.event_key.in_([event.event_key for event in events]))
        known = set(await self._session.scalars(select(InboxEvent.event_key).where(*mine)))
        new = {event.event_key: event for event in events if event.event_key not in known}
        if not new:
            return
        values = [{"platform": platform, "received_at": now, **asdict(event)} for event in new.values()]
        try:  # one statement: a savepoint for each event would take ten times as long
            await self._session.execute(insert(InboxEvent), values)
        except IntegrityError as error:
            raise Conflict("another process was first") from error

    async def oldest(self, platform: str, *, busy: Collection[str], limit: int) -> list[InboxRow]:
        """Give the oldest event of each order key that is not busy, the longest waiting first."""
        waiting = (InboxEvent.platform == platform, InboxEvent.order_key.not_in(busy))
        first = func.min(InboxEvent.id)
        found = select(first).where(*waiting).group_by(InboxEvent.order_key).order_by(first).limit(limit)
        ids = list(await self._session.scalars(found))
        statement = select(*columns(InboxRow, InboxEvent)).where(InboxEvent.id.in_(ids)).order_by(InboxEvent.id)
        return await rows(self._session, InboxRow, statement) if ids else []

    async def remove(self, ids: Collection[int]) -> None:
        """Remove events that are handled."""
        if ids:
            await changed(self._session, delete(InboxEvent).where(InboxEvent.id.in_(ids)))

    async def forget(self, platform: str, account_id: str, *, before: datetime) -> None:
        """Remove what an account sent before a moment, handled or not."""
        theirs = (InboxEvent.platform == platform, InboxEvent.account_id == account_id)
        await changed(self._session, delete(InboxEvent).where(*theirs, InboxEvent.received_at < before))

    async def prune(self, *, before: datetime) -> None:
        """Remove what nobody has handled for long."""
        await changed(self._session, delete(InboxEvent).where(InboxEvent.received_at < before))
