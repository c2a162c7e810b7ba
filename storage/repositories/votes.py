"""What people think of songs: one row per person and song, and the last votes of a listener."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import and_, case, delete, func, or_, select, update

from storage.repositories.sql import changed, columns, one, rows, write_one
from storage.tables.columns import JsonObject, Vote
from storage.tables.songs import Feedback, Generation

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow:
    """One person's vote, score and comment on one song."""

    generation_id: int
    user_id: int
    vote: Vote | None
    score: int | None  # 0 to 5
    comment: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVoteRow:
    """A vote or score a listener gave, with what the song was like."""

    generation_id: int
    genre: str | None
    emotion: str | None
    brief: JsonObject | None
    vote: Vote | None
    score: int | None
    updated_at: datetime

    @property
    def bpm(self) -> int | None:
        """The song's tempo as its brief has it."""
        bpm = (self.brief or {}).get("bpm")
        return bpm if isinstance(bpm, int) else None


class Ballot(TypedDict, total=False):
    """What to set of a vote; what is not given stays as it was."""

    vote: Vote | None
    score: int | None  # 0 to 5
    comment: str | None


class Votes:
    """Everybody's votes on all songs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def cast(self, *, generation_id: int, user_id: int, now: datetime, **ballot: Unpack[Ballot]) -> bool:
        """Set the given parts of a person's vote; False when the song or the person is gone."""
        # A shared lock: the song cannot be deleted between this line and the vote's foreign key.
        song = select(Generation.id).where(Generation.id == generation_id).with_for_update(read=True)
        if await self._session.scalar(song) is None:
            return False
        return await write_one(
            self._session,
            Feedback,
            user_id=user_id,
            key={"generation_id": generation_id, "user_id": user_id},
            given={**ballot, "updated_at": now},
            first={"created_at": now},
        )

    async def take_back(self, *, generation_id: int, user_id: int, now: datetime) -> bool:
        """Withdraw the vote, keeping score and comment; False when there was none."""
        mine = and_(Feedback.generation_id == generation_id, Feedback.user_id == user_id)
        voted = update(Feedback).where(mine, Feedback.vote.is_not(None)).values(vote=None, updated_at=now)
        if not await changed(self._session, voted):
            return False
        empty = (Feedback.score.is_(None), Feedback.comment.is_(None))
        await changed(self._session, delete(Feedback).where(mine, *empty))
        return True

    async def of(self, generation_id: int, user_id: int) -> VoteRow | None:
        mine = (Feedback.generation_id == generation_id, Feedback.user_id == user_id)
        return await one(self._session, VoteRow, select(*columns(VoteRow, Feedback)).where(*mine))

    async def counts(self, generation_id: int) -> tuple[int, int]:
        """Count everyone's votes on a song: (up, down)."""
        votes = select(
            func.count(case((Feedback.vote == "up", 1))), func.count(case((Feedback.vote == "down", 1)))
        ).where(Feedback.generation_id == generation_id)
        up, down = (await self._session.execute(votes)).one()
        return up, down

    async def recent(self, user_id: int, *, limit: int) -> list[PastVoteRow]:
        """List a listener's last votes and scores, newest first."""
        statement = (
            select(*columns(PastVoteRow, Feedback, Generation))
            .join(Generation, Generation.id == Feedback.generation_id)
            .where(Feedback.user_id == user_id, or_(Feedback.vote.is_not(None), Feedback.score.is_not(None)))
            .order_by(Feedback.updated_at.desc(), Feedback.id.desc())
            .limit(limit)
        )
        return await rows(self._session, PastVoteRow, statement)

    async def given_by(self, user_id: int) -> list[VoteRow]:
        """List everything a person said about songs, oldest first."""
        statement = select(*columns(VoteRow, Feedback)).where(Feedback.user_id == user_id).order_by(Feedback.id)
        return await rows(self._session, VoteRow, statement)
