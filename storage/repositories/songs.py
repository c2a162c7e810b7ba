"""Songs and their moves from state to state. A worker holds a song by its lease, not by a place in a queue.

Every move is a compare-and-set (`UPDATE … WHERE id = ? AND status IN … AND lease = ?`): of two workers with
one job, or of cancel and finish, exactly one wins, and the loser sees False or None.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from sqlalchemy import ColumnElement, or_, select, update

from storage.repositories.song_rows import SongColumns, SongRow
from storage.repositories.sql import changed, columns, one
from storage.song_states import ACTIVE, ENDS, NEEDS_NOTICE, WORKING, SongState
from storage.tables.columns import JsonObject
from storage.tables.people import User
from storage.tables.songs import Generation, Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class Songs:
    """The songs of everyone."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        *,
        session_id: int,
        user_id: int,
        status: SongState,
        options: JsonObject | None,
        reply_to: JsonObject | None,
        now: datetime,
        take_of: int | None = None,
    ) -> int:
        """Keep a new song; return its id. Commit before the id is queued."""
        song = Generation(
            session_id=session_id,
            user_id=user_id,
            status=status,
            options=options,
            reply_to=reply_to,
            take_of=take_of,
            heartbeat_at=now,
            attempts=0,
            created_at=now,
        )
        self._session.add(song)
        await self._session.flush()
        return song.id

    async def get(self, song_id: int) -> SongRow | None:
        statement = (
            select(*columns(SongRow, Generation, Session, User))
            .join(Session, Session.id == Generation.session_id)
            .join(User, User.id == Generation.user_id)
            .where(Generation.id == song_id)
        )
        return await one(self._session, SongRow, statement)

    async def claim(
        self, song_id: int, *, states: Collection[SongState], lease: str, now: datetime, stale_before: datetime
    ) -> SongRow | None:
        """Take the lease of a song; None when it is in no such state or another worker holds it.

        A lease whose last heartbeat lies before `stale_before` is expired, and another worker may take the song.
        """
        free = or_(Generation.lease.is_(None), Generation.heartbeat_at < stale_before)
        won = await self._change(
            song_id,
            Generation.status.in_(states),
            free,
            lease=lease,
            heartbeat_at=now,
            attempts=Generation.attempts + 1,
        )
        return await self.get(song_id) if won else None

    async def advance(
        self,
        song_id: int,
        *,
        lease: str | None,
        from_states: Collection[SongState],
        to: SongState,
        now: datetime,
        keep_lease: bool = False,
        **results: Unpack[SongColumns],
    ) -> bool:
        """Move the song to its next state with what the stage found; False: lease lost, or another state.

        lease None moves a song that nobody holds (a person's answer does). Without keep_lease it is free for
        the next stage's worker, whose attempts start at 0.
        """
        holder = {} if keep_lease and to not in ENDS else {"lease": None, "attempts": 0}
        end = {"finished_at": now} if to in ENDS else {}
        return await self._change(
            song_id,
            Generation.status.in_(from_states),
            Generation.lease == lease,
            status=to,
            heartbeat_at=now,
            **holder,
            **end,
            **results,
        )

    async def beat(self, song_id: int, *, lease: str, now: datetime, progress: float | None = None) -> bool:
        """Renew the lease and note the progress in [0, 1]; False: stop, the lease is lost or the song has ended."""
        news = {} if progress is None else {"progress": progress}
        return await self._change(song_id, *_held(lease), heartbeat_at=now, **news)

    async def release(self, song_id: int, *, lease: str, now: datetime, counted: bool = False) -> bool:
        """Free a song for another attempt; one broken off because its worker was asked to stop is not counted."""
        spent = 0 if counted else 1
        return await self._change(
            song_id, *_held(lease), lease=None, heartbeat_at=now, attempts=Generation.attempts - spent
        )

    async def free_stale(self, song_id: int, *, before: datetime, now: datetime) -> bool:
        """Clear an expired lease, to queue the song again; of two sweepers one gets True."""
        return await self._change(
            song_id,
            Generation.status.in_(WORKING),
            Generation.heartbeat_at < before,
            lease=None,
            heartbeat_at=now,
        )

    async def cancel(self, song_id: int, *, now: datetime) -> bool:
        """Cancel the song for its owner; False when it had ended already."""
        return await self._change(
            song_id, Generation.status.in_(ACTIVE), status=SongState.CANCELLED, lease=None, finished_at=now
        )

    async def fail(
        self,
        song_id: int,
        *,
        lease: str | None,
        code: str,
        facts: JsonObject,
        now: datetime,
        stale_before: datetime | None = None,
    ) -> bool:
        """End the song with a stable code word; `stale` keeps listing it until `mark_notified`.

        lease None fails it whoever holds it; with stale_before only if it has not moved since.
        """
        conditions: list[ColumnElement[bool]] = [Generation.status.in_(ACTIVE)]
        if lease is not None:
            conditions.append(Generation.lease == lease)
        if stale_before is not None:
            conditions.append(Generation.heartbeat_at < stale_before)
        return await self._change(
            song_id,
            *conditions,
            status=SongState.FAILED,
            error_code=code,
            error=facts,
            lease=None,
            finished_at=now,
        )

    async def mark_notified(self, song_id: int, *, now: datetime, only_failed: bool = False) -> bool:
        """Note that the person was told of the failure or asked about the delivery; of two callers one gets True."""
        states = (SongState.FAILED,) if only_failed else NEEDS_NOTICE
        unnotified = (Generation.status.in_(states), Generation.notified_at.is_(None))
        return await self._change(song_id, *unnotified, notified_at=now)

    async def put_off(self, song_id: int, *, lease: str, heartbeat_at: datetime) -> bool:
        """Free a song without counting the attempt; it counts as stale some time after `heartbeat_at`."""
        return await self._change(
            song_id, *_held(lease), lease=None, heartbeat_at=heartbeat_at, attempts=Generation.attempts - 1
        )

    async def reopen(self, song_id: int, *, now: datetime) -> bool:
        """Reopen the delivery of an ambiguous song; False in any other state."""
        return await self._change(
            song_id,
            Generation.status == SongState.AMBIGUOUS,
            status=SongState.DELIVERING,
            heartbeat_at=now,
            lease=None,
            attempts=0,
            notified_at=None,
            finished_at=None,
        )

    async def _change(self, song_id: int, *conditions: ColumnElement[bool], **values: object) -> bool:
        statement = update(Generation).where(Generation.id == song_id, *conditions).values(**values)
        return await changed(self._session, statement) == 1


def _held(lease: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Generation.status.in_(ACTIVE), Generation.lease == lease
