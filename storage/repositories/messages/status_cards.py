"""Status cards: which message has to change, and who changes it. Taking one is a compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, insert, or_, select, update

from storage.repositories.sql import changed, columns, rows
from storage.song_states import SongState
from storage.tables.columns import JsonObject
from storage.tables.messages import StatusCard
from storage.tables.songs import Generation

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A card with what it tells about its song."""

    id: int  # the song's
    session_id: int
    user_id: int
    platform: str
    message_ref: JsonObject | None
    shown: str | None
    claimed: str | None
    in_group: bool
    due_at: datetime
    status: SongState
    emotion: str | None
    genre: str | None
    brief: JsonObject | None
    duration_sec: float | None
    progress: float | None
    options: JsonObject | None
    reply_to: JsonObject | None
    error_code: str | None
    error: JsonObject | None
    notified_at: datetime | None


class StatusCards:
    """The cards of all songs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, song_id: int, *, platform: str, in_group: bool, now: datetime) -> None:
        """Add a song's card; it is due at once."""
        await self._session.execute(
            insert(StatusCard).values(
                generation_id=song_id, platform=platform, closing=False, closed=False, in_group=in_group, due_at=now
            )
        )

    async def due(self, platform: str, *, now: datetime) -> list[CardRow]:
        """List the open cards that may change now, the longest waiting first."""
        statement = (
            select(*columns(CardRow, Generation, StatusCard))
            .join(StatusCard, StatusCard.generation_id == Generation.id)
            .where(StatusCard.platform == platform, StatusCard.closed.is_(False), StatusCard.due_at <= now)
            .order_by(StatusCard.due_at, StatusCard.generation_id)
        )
        return await rows(self._session, CardRow, statement)

    async def of(self, song_id: int) -> CardRow | None:
        """Return a song's card while it is open."""
        statement = (
            select(*columns(CardRow, Generation, StatusCard))
            .join(StatusCard, StatusCard.generation_id == Generation.id)
            .where(StatusCard.generation_id == song_id, StatusCard.closed.is_(False))
        )
        found = await rows(self._session, CardRow, statement)
        return found[0] if found else None

    async def take(self, card: CardRow, *, claimed: str, closing: bool, until: datetime) -> bool:
        """Claim the right to show something new until `until`; of two processes one gets True."""
        mine = (
            StatusCard.generation_id == card.id,
            StatusCard.due_at == card.due_at,
            StatusCard.closed.is_(False),
        )
        statement = update(StatusCard).where(*mine).values(claimed=claimed, closing=closing, due_at=until)
        return await changed(self._session, statement) == 1

    async def show(
        self, song_id: int, message_ref: JsonObject | None, *, again_at: datetime, slow_again_at: datetime
    ) -> bool:
        """Note that what was claimed last is shown; a closing card is closed by that. It may move at again_at.

        False for a card that was closed meanwhile: it stays so.
        """
        mine = (StatusCard.generation_id == song_id, StatusCard.claimed.is_not(None), StatusCard.closed.is_(False))
        again = case((StatusCard.in_group, slow_again_at), else_=again_at)
        due_at = case((StatusCard.due_at > again, again), else_=StatusCard.due_at)
        values = {
            "shown": StatusCard.claimed,
            "closed": StatusCard.closing,
            "message_ref": message_ref,
            "due_at": due_at,
        }
        return await changed(self._session, update(StatusCard).where(*mine).values(**values)) == 1

    async def settle(self, song_id: int, *, now: datetime) -> bool:
        """Close a card unless what was claimed may still be on its way; True once it is closed."""
        idle = or_(StatusCard.claimed.is_(None), StatusCard.claimed == StatusCard.shown, StatusCard.due_at <= now)
        mine = (StatusCard.generation_id == song_id, StatusCard.closed.is_(False), idle)
        closed = await changed(self._session, update(StatusCard).where(*mine).values(closed=True)) == 1
        return closed or await self.of(song_id) is None

    async def close(self, song_id: int) -> bool:
        mine = (StatusCard.generation_id == song_id, StatusCard.closed.is_(False))
        return await changed(self._session, update(StatusCard).where(*mine).values(closed=True)) == 1
