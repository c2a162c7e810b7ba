"""One listener on several platforms: link codes, and moving rows from one user to another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from storage.repositories.sql import changed, write_one
from storage.tables.people import ChatAccount, LinkCode, User
from storage.tables.songs import Feedback, Generation, Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class AccountLinks:
    """Codes, and moving rows from one person to another. Call `users.lock` on both first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def offer(self, user_id: int, *, code_hash: str, expires_at: datetime) -> None:
        """Keep a person's code in place of an older one."""
        await write_one(
            self._session,
            LinkCode,
            user_id=user_id,
            key={"user_id": user_id},
            given={"code_hash": code_hash, "expires_at": expires_at},
            first={"tries": 0},
        )

    async def owner_of(self, code_hash: str, *, now: datetime) -> int | None:
        """Find whose code this is; None for a wrong, used or late one."""
        return await self._session.scalar(
            select(LinkCode.user_id).where(LinkCode.code_hash == code_hash, LinkCode.expires_at > now)
        )

    async def use_up(self, user_id: int, code_hash: str) -> bool:
        """Use a code up; of two people who typed it one gets True."""
        mine = (LinkCode.user_id == user_id, LinkCode.code_hash == code_hash)
        used = update(LinkCode).where(*mine).values(code_hash=None, expires_at=None)
        return await changed(self._session, used) == 1

    async def wrong_tries(self, user_id: int, *, since: datetime) -> int:
        """Count a person's wrong codes, without those of an earlier period."""
        row = await self._session.execute(
            select(LinkCode.tries, LinkCode.tries_since).where(LinkCode.user_id == user_id)
        )
        found = row.one_or_none()
        if found is None or found.tries_since is None or found.tries_since < since:
            return 0
        return int(found.tries)

    async def note_wrong_try(self, user_id: int, *, tries: int, now: datetime) -> None:
        """Keep how many wrong codes a person has typed; the first one begins the period."""
        given: dict[str, object] = {"tries": tries}
        if tries == 1:
            given["tries_since"] = now
        await write_one(self._session, LinkCode, user_id=user_id, key={"user_id": user_id}, given=given)

    async def platforms(self, user_id: int) -> list[str]:
        """List the platforms where the person has an account."""
        found = select(ChatAccount.platform).where(ChatAccount.user_id == user_id).order_by(ChatAccount.id)
        return list(await self._session.scalars(found))

    async def move_all(self, *, of: int, to: int) -> None:
        """Give everything of one person to another; of two votes on a song the newer one stays."""
        await self._drop_older_votes(of, to)
        for table in (ChatAccount, Session, Generation, Feedback):
            await changed(self._session, update(table).where(table.user_id == of).values(user_id=to))
        await changed(self._session, delete(User).where(User.id == of))

    async def move_platform(self, platform: str, *, of: int, to: int) -> None:
        """Give an account, the songs begun with it and its owner's votes on these to another person."""
        begun = select(Session.id).where(Session.user_id == of, Session.source == platform)
        sessions = list(await self._session.scalars(begun))
        songs = list(await self._session.scalars(select(Generation.id).where(Generation.session_id.in_(sessions))))
        account = (ChatAccount.user_id == of, ChatAccount.platform == platform)
        votes = (Feedback.user_id == of, Feedback.generation_id.in_(songs))
        await changed(self._session, update(ChatAccount).where(*account).values(user_id=to))
        await changed(self._session, update(Feedback).where(*votes).values(user_id=to))
        await changed(self._session, update(Generation).where(Generation.id.in_(songs)).values(user_id=to))
        await changed(self._session, update(Session).where(Session.id.in_(sessions)).values(user_id=to))

    async def _drop_older_votes(self, first: int, second: int) -> None:
        other = aliased(Feedback)
        newer = exists().where(
            other.generation_id == Feedback.generation_id,
            other.user_id.in_((first, second)),
            or_(
                other.updated_at > Feedback.updated_at,
                and_(other.updated_at == Feedback.updated_at, other.id > Feedback.id),
            ),
        )
        # MySQL cannot delete from a table that the same statement reads: find first.
        found = select(Feedback.id).where(Feedback.user_id.in_((first, second)), newer)
        older = list(await self._session.scalars(found))
        if older:
            await changed(self._session, delete(Feedback).where(Feedback.id.in_(older)))
