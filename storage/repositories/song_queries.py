"""Lists of songs: stale ones, waiting ones, a person's own. Reads only; `Songs` changes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, func, select

from storage.repositories.song_rows import HistoryRow, PastSongRow, StaleSong
from storage.repositories.sql import columns, rows
from storage.song_states import ACTIVE, AHEAD, NEEDS_NOTICE, WORKING, SongState
from storage.tables.columns import JsonObject, Vote
from storage.tables.songs import Feedback, Generation, Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class SongQueries:
    """Queries over everybody's songs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def stale(self, *, before: datetime, limit: int) -> list[StaleSong]:
        """List songs without a heartbeat since `before`, longest first, then ended ones whose notice is missing."""
        stuck = and_(Generation.status.in_(WORKING), Generation.heartbeat_at < before)
        # One query for each state: for several states at once, in the order of ids, SQLite reads the whole table.
        # The job that was queued with the end sends the notice; only older ones are missing.
        silent = and_(Generation.notified_at.is_(None), Generation.finished_at < before)
        unnotified = [(and_(Generation.status == end, silent), Generation.id) for end in NEEDS_NOTICE]
        songs: list[StaleSong] = []
        for condition, order in ((stuck, Generation.heartbeat_at), *unnotified):
            statement = (
                select(*columns(StaleSong, Generation, Session))
                .join(Session, Session.id == Generation.session_id)
                .where(condition)
                .order_by(order)
                .limit(limit - len(songs))
            )
            songs += await rows(self._session, StaleSong, statement)
        return songs

    async def unanswered(self, *, now: datetime, limit: int) -> list[StaleSong]:
        """List songs whose question has run out."""
        statement = (
            select(*columns(StaleSong, Generation, Session))
            .join(Session, Session.id == Generation.session_id)
            .where(Generation.status == SongState.ASKING, Generation.ask_until <= now)
            .order_by(Generation.ask_until)
            .limit(limit)
        )
        return await rows(self._session, StaleSong, statement)

    async def last_options(self, user_id: int) -> JsonObject | None:
        """Give what a person's newest song was begun with."""
        newest = select(Generation.options).where(Generation.user_id == user_id).order_by(Generation.id.desc()).limit(1)
        return await self._session.scalar(newest)

    async def ahead_of(self, song_id: int) -> int:
        """Count the songs that came before this one and still have to be rendered."""
        before = select(func.count()).where(Generation.status.in_(AHEAD), Generation.id < song_id)
        return await self._session.scalar(before) or 0

    async def waiting(self) -> list[tuple[int, SongState]]:
        """List the songs that still have to be rendered, in the order they came."""
        statement = select(Generation.id, Generation.status).where(Generation.status.in_(AHEAD)).order_by(Generation.id)
        return [(song_id, status) for song_id, status in (await self._session.execute(statement)).all()]

    async def in_work(self, user_id: int) -> list[int]:
        """List a person's songs that are on their way, oldest first."""
        mine = (Generation.user_id == user_id, Generation.status.in_(ACTIVE))
        return list(await self._session.scalars(select(Generation.id).where(*mine).order_by(Generation.id)))

    async def begun_since(self, user_id: int, *, since: datetime, limit: int) -> list[datetime]:
        """List when a person's songs were begun, newest first; failed ones do not count."""
        mine = (
            Generation.user_id == user_id,
            Generation.created_at > since,
            Generation.status != SongState.FAILED,
        )
        statement = select(Generation.created_at).where(*mine).order_by(Generation.id.desc()).limit(limit)
        return list(await self._session.scalars(statement))

    async def history(
        self,
        user_id: int,
        *,
        limit: int,
        before_id: int | None = None,
        states: Collection[SongState] | None = None,
    ) -> list[HistoryRow]:
        """List a person's songs, newest first; the last id of a page is the next page's before_id."""
        statement = (
            select(*columns(HistoryRow, Generation, Feedback, up=_votes("up"), down=_votes("down")))
            .outerjoin(Feedback, and_(Feedback.generation_id == Generation.id, Feedback.user_id == user_id))
            .where(Generation.user_id == user_id)
            .order_by(Generation.id.desc())
            .limit(limit)
        )
        if before_id is not None:
            statement = statement.where(Generation.id < before_id)
        if states is not None:
            statement = statement.where(Generation.status.in_(states))
        return await rows(self._session, HistoryRow, statement)

    async def recent(self, user_id: int, *, limit: int) -> list[PastSongRow]:
        """List a listener's last delivered songs, newest first."""
        statement = (
            select(*columns(PastSongRow, Generation))
            .where(Generation.user_id == user_id, Generation.status == SongState.DELIVERED)
            .order_by(Generation.id.desc())
            .limit(limit)
        )
        return await rows(self._session, PastSongRow, statement)

    async def files_of(self, user_id: int) -> list[str]:
        """List every file that a person's songs name."""
        paths = (Generation.wav_path, Generation.audio_path, Generation.video_path, Generation.waveform_path)
        found = await self._session.execute(select(*paths).where(Generation.user_id == user_id))
        return [path for row in found.all() for path in row if path]


def _votes(vote: Vote) -> ColumnElement[int]:
    everyone = Feedback.__table__.alias(f"all_{vote}")
    return (
        select(func.count(case((everyone.c.vote == vote, 1))))
        .where(everyone.c.generation_id == Generation.id)
        .correlate(Generation)
        .scalar_subquery()
        .label(vote)
    )
