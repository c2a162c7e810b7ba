"""The vote counts on the buttons of song messages: which are out of date, and who brings them up to date.

They stand in the song's row of the outbox, because only a message that was sent has buttons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.repositories.sql import changed, columns, one, rows
from storage.tables.columns import JsonObject
from storage.tables.messages import Delivery

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCountsRow:
    """A song's message and when its buttons may change."""

    id: int
    generation_id: int
    message_ref: JsonObject | None
    votes_due_at: datetime | None  # None: the buttons are right
    votes_shown_at: datetime | None


class VoteCounts:
    """The counts on the buttons of every song."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def mark_changed(self, song_id: int, *, now: datetime, every_s: float) -> None:
        """Have the buttons of a song follow its votes, no sooner than `every_s` after they last did."""
        statement = select(*columns(VoteCountsRow, Delivery)).where(*_message_of(song_id))
        row = await one(self._session, VoteCountsRow, statement)
        if row is None or row.message_ref is None:
            return
        shown = row.votes_shown_at
        due = now if shown is None else max(now, shown + timedelta(seconds=every_s))
        idle = (Delivery.id == row.id, Delivery.votes_due_at.is_(None))
        await changed(self._session, update(Delivery).where(*idle).values(votes_due_at=due))

    async def due(self, platform: str, *, now: datetime, limit: int) -> list[VoteCountsRow]:
        """List the song messages whose buttons are to change now, the longest waiting first."""
        statement = (
            select(*columns(VoteCountsRow, Delivery))
            .where(Delivery.platform == platform, Delivery.votes_due_at <= now)
            .order_by(Delivery.votes_due_at)
            .limit(limit)
        )
        return await rows(self._session, VoteCountsRow, statement)

    async def take(self, row: VoteCountsRow, *, now: datetime, until: datetime) -> bool:
        """Claim a message's buttons; unless `mark_shown` follows they come again at `until`."""
        mine = (Delivery.id == row.id, Delivery.votes_due_at == row.votes_due_at)
        values = {"votes_due_at": until, "votes_shown_at": now}
        return await changed(self._session, update(Delivery).where(*mine).values(**values)) == 1

    async def lock(self, song_id: int) -> None:
        """Keep votes of others from marking the buttons until this unit ends."""
        await self._session.execute(select(Delivery.id).where(*_message_of(song_id)).with_for_update())

    async def mark_shown(self, song_id: int) -> None:
        """Note that the buttons show what the votes are."""
        await changed(self._session, update(Delivery).where(*_message_of(song_id)).values(votes_due_at=None))


def _message_of(song_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Delivery.generation_id == song_id, Delivery.kind == "song"
