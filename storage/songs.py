"""Songs and their way through the states. A worker holds a song by a lease, not because a queue said so.

Every move is a compare-and-set (`UPDATE … WHERE id = ? AND status IN … AND lease = ?`): of two workers with
one job, or of cancel and finish, exactly one wins, and the loser sees False or None.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from storage.rows import changed, columns, one, rows
from storage.states import ACTIVE, AHEAD, ENDS, TO_TELL, WORKING, State
from storage.tables import Feedback, Generation, JsonObject, Session, User, Vote

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRow:
    """Everything known about a song, with where and whose it is."""

    id: int
    session_id: int
    user_id: int
    username: str
    source: str  # the platform of its session
    take_of: int | None  # the song that this is another take of
    status: State
    emotion: str | None
    genre: str | None
    prompt_initial: str | None
    prompt_personalized: str | None
    brief: JsonObject | None
    params: JsonObject | None
    reason: JsonObject | None
    wish: JsonObject | None
    model: str | None
    duration_sec: float | None
    wav_path: str | None
    audio_path: str | None
    video_path: str | None
    waveform_path: str | None
    audio_md5: str | None
    progress: float | None
    lease: str | None
    heartbeat_at: datetime
    attempts: int
    error_code: str | None
    error: JsonObject | None
    told_at: datetime | None
    ask_until: datetime | None
    reply_to: JsonObject | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A song in a person's own list, with what they and everyone said to it."""

    id: int
    status: State
    emotion: str | None
    genre: str | None
    model: str | None
    duration_sec: float | None
    audio_path: str | None
    take_of: int | None
    reply_to: JsonObject | None
    error_code: str | None
    created_at: datetime
    finished_at: datetime | None
    vote: Vote | None  # their own
    score: int | None
    comment: str | None
    up: int  # everyone's
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSongRow:
    """What an earlier song was like."""

    id: int
    emotion: str | None
    genre: str | None
    brief: JsonObject | None
    params: JsonObject | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleSong:
    """A song that needs a push: it stopped moving, or nobody was told how it ended."""

    id: int
    status: State
    attempts: int
    source: str


class SongColumns(TypedDict, total=False):
    """What a stage may write when it moves a song on."""

    emotion: str
    genre: str
    prompt_initial: str
    prompt_personalized: str
    brief: JsonObject
    params: JsonObject
    reason: JsonObject
    wish: JsonObject
    model: str
    duration_sec: float
    wav_path: str
    audio_path: str
    video_path: str
    waveform_path: str
    audio_md5: str
    progress: float
    ask_until: datetime | None


class Songs:
    """The songs of everyone."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        *,
        session_id: int,
        user_id: int,
        status: State,
        wish: JsonObject | None,
        reply_to: JsonObject | None,
        now: datetime,
        take_of: int | None = None,
    ) -> int:
        """Keep a new song; return its id. Commit before the id is queued."""
        song = Generation(
            session_id=session_id,
            user_id=user_id,
            status=status,
            wish=wish,
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
        self, song_id: int, *, states: Collection[State], lease: str, now: datetime, stale_before: datetime
    ) -> SongRow | None:
        """Take the song to work on it; None when it is in no such state or another worker holds it.

        A lease whose last heartbeat lies before `stale_before` belongs to the dead and may be taken over.
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
        from_states: Collection[State],
        to: State,
        now: datetime,
        keep_lease: bool = False,
        **results: Unpack[SongColumns],
    ) -> bool:
        """Move the song on and write what the stage found; False: the lease is lost, or the state another.

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
        """Show that work goes on (progress in [0, 1]); False: stop, the lease is lost or the song ended."""
        news = {} if progress is None else {"progress": progress}
        return await self._change(song_id, *_held(lease), heartbeat_at=now, **news)

    async def hand_back(self, song_id: int, *, lease: str, now: datetime, counted: bool = False) -> bool:
        """Free a song for another attempt; one broken off because its worker was asked to stop is not counted."""
        spent = 0 if counted else 1
        return await self._change(
            song_id, *_held(lease), lease=None, heartbeat_at=now, attempts=Generation.attempts - spent
        )

    async def free_stale(self, song_id: int, *, before: datetime, now: datetime) -> bool:
        """Take a song out of dead hands, to queue it again; of two sweepers one gets True."""
        return await self._change(
            song_id,
            Generation.status.in_(WORKING),
            Generation.heartbeat_at < before,
            lease=None,
            heartbeat_at=now,
        )

    async def cancel(self, song_id: int, *, now: datetime) -> bool:
        """End the song because its owner wants so; False when it had ended already."""
        return await self._change(
            song_id, Generation.status.in_(ACTIVE), status=State.CANCELLED, lease=None, finished_at=now
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
        """End the song with a stable code word; `stale` keeps listing it until `mark_told`.

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
            status=State.FAILED,
            error_code=code,
            error=facts,
            lease=None,
            finished_at=now,
        )

    async def mark_told(self, song_id: int, *, now: datetime, only_failed: bool = False) -> bool:
        """Note that the person heard of the failure or the doubt; of two tellers one gets True."""
        states = (State.FAILED,) if only_failed else TO_TELL
        untold = (Generation.status.in_(states), Generation.told_at.is_(None))
        return await self._change(song_id, *untold, told_at=now)

    async def stale(self, *, before: datetime, limit: int) -> list[StaleSong]:
        """List songs without a heartbeat since `before`, longest first, then ends nobody was told of."""
        stuck = and_(Generation.status.in_(WORKING), Generation.heartbeat_at < before)
        # One question a state: asked for several at once and in the order of ids, SQLite reads the whole table.
        # What has just ended is being told by the job that was queued with its end.
        silent = and_(Generation.told_at.is_(None), Generation.finished_at < before)
        untold = [(and_(Generation.status == end, silent), Generation.id) for end in TO_TELL]
        songs: list[StaleSong] = []
        for condition, order in ((stuck, Generation.heartbeat_at), *untold):
            statement = (
                select(*columns(StaleSong, Generation, Session))
                .join(Session, Session.id == Generation.session_id)
                .where(condition)
                .order_by(order)
                .limit(limit - len(songs))
            )
            songs += await rows(self._session, StaleSong, statement)
        return songs

    async def ahead_of(self, song_id: int) -> int:
        """Count the songs that came before this one and still have to be rendered."""
        before = select(func.count()).where(Generation.status.in_(AHEAD), Generation.id < song_id)
        return await self._session.scalar(before) or 0

    async def waiting(self) -> list[tuple[int, State]]:
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
            Generation.status != State.FAILED,
        )
        statement = select(Generation.created_at).where(*mine).order_by(Generation.id.desc()).limit(limit)
        return list(await self._session.scalars(statement))

    async def unanswered(self, *, now: datetime, limit: int) -> list[StaleSong]:
        """List songs whose question has run out."""
        statement = (
            select(*columns(StaleSong, Generation, Session))
            .join(Session, Session.id == Generation.session_id)
            .where(Generation.status == State.ASKING, Generation.ask_until <= now)
            .order_by(Generation.ask_until)
            .limit(limit)
        )
        return await rows(self._session, StaleSong, statement)

    async def put_off(self, song_id: int, *, lease: str, heartbeat_at: datetime) -> bool:
        """Free a song without counting the attempt; it counts as stale some time after `heartbeat_at`."""
        return await self._change(
            song_id, *_held(lease), lease=None, heartbeat_at=heartbeat_at, attempts=Generation.attempts - 1
        )

    async def reopen(self, song_id: int, *, now: datetime) -> bool:
        """Send a song again that perhaps did not arrive; False when its end is another."""
        return await self._change(
            song_id,
            Generation.status == State.AMBIGUOUS,
            status=State.DELIVERING,
            heartbeat_at=now,
            lease=None,
            attempts=0,
            told_at=None,
            finished_at=None,
        )

    async def files_of(self, user_id: int) -> list[str]:
        """List every file that a person's songs name."""
        paths = (Generation.wav_path, Generation.audio_path, Generation.video_path, Generation.waveform_path)
        found = await self._session.execute(select(*paths).where(Generation.user_id == user_id))
        return [path for row in found.all() for path in row if path]

    async def history(
        self,
        user_id: int,
        *,
        limit: int,
        before_id: int | None = None,
        states: Collection[State] | None = None,
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
            .where(Generation.user_id == user_id, Generation.status == State.DELIVERED)
            .order_by(Generation.id.desc())
            .limit(limit)
        )
        return await rows(self._session, PastSongRow, statement)

    async def _change(self, song_id: int, *conditions: ColumnElement[bool], **values: object) -> bool:
        statement = update(Generation).where(Generation.id == song_id, *conditions).values(**values)
        return await changed(self._session, statement) == 1


def _held(lease: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Generation.status.in_(ACTIVE), Generation.lease == lease


def _votes(vote: Vote) -> ColumnElement[int]:
    everyone = Feedback.__table__.alias(f"all_{vote}")
    return (
        select(func.count(case((everyone.c.vote == vote, 1))))
        .where(everyone.c.generation_id == Generation.id)
        .correlate(Generation)
        .scalar_subquery()
        .label(vote)
    )
