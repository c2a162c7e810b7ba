"""People: their chat accounts, sessions and profile, and their deletion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from storage.repositories.sql import changed, columns, one, rows, write_one
from storage.tables.columns import USERNAME_LENGTH
from storage.tables.people import ChatAccount, User, UserProfile
from storage.tables.songs import Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A person, on whatever platforms."""

    id: int
    username: str
    created_at: datetime
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A person's account on a platform."""

    platform: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """What a person told about themselves; all of it optional."""

    age: int | None = None
    gender: str | None = None
    locale: str | None = None
    notes: str | None = None


class Profile(TypedDict, total=False):
    """Fields to set; None forgets one, a missing one stays as it was."""

    age: int | None
    gender: str | None
    locale: str | None
    notes: str | None


class Users:
    """Everybody who has used the bot and was not deleted."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: int) -> UserRow | None:
        statement = select(*columns(UserRow, User)).where(User.id == user_id)
        return await one(self._session, UserRow, statement)

    async def find(self, platform: str, account_id: str) -> UserRow | None:
        """Find the person behind a platform's account; account ids are compared exactly, case included."""
        statement = (
            select(*columns(UserRow, User))
            .join(ChatAccount, ChatAccount.user_id == User.id)
            .where(ChatAccount.platform == platform, ChatAccount.account_id == account_id)
        )
        return await one(self._session, UserRow, statement)

    async def find_or_create(self, platform: str, account_id: str, username: str, now: datetime) -> UserRow:
        """Return the person behind an account, new or known, under the name they use today (cut at 128)."""
        name = username[:USERNAME_LENGTH]
        user = await self.find(platform, account_id) or await self._create(platform, account_id, name, now)
        if user.username == name:
            return user
        await changed(self._session, update(User).where(User.id == user.id).values(username=name))
        return replace(user, username=name)

    async def _create(self, platform: str, account_id: str, username: str, now: datetime) -> UserRow:
        try:
            async with self._session.begin_nested():
                user = User(username=username, created_at=now)
                self._session.add(user)
                await self._session.flush()
                self._session.add(ChatAccount(user_id=user.id, platform=platform, account_id=account_id))
        except IntegrityError:  # the same account wrote twice at once, and the other message was first
            other = await self.find(platform, account_id)
            if other is None:
                raise
            return other
        return UserRow(id=user.id, username=username, created_at=now)

    async def lock(self, *user_ids: int) -> bool:
        """Let one unit at a time decide about these people; False when one of them is gone."""
        ids = sorted(set(user_ids))  # always in one order, so that two units never wait for each other
        found = [await self._session.scalar(select(User.id).where(User.id == each).with_for_update()) for each in ids]
        return None not in found

    async def create(self, username: str, now: datetime) -> int:
        """Make a person without an account yet; return their id."""
        user = User(username=username[:USERNAME_LENGTH], created_at=now)
        self._session.add(user)
        await self._session.flush()
        return user.id

    async def accept(self, user_id: int, *, at: datetime) -> bool:
        """Note that the person accepted what happens with photos; the first time stays. False: it was known."""
        new = (User.id == user_id, User.accepted_at.is_(None))
        return await changed(self._session, update(User).where(*new).values(accepted_at=at)) == 1

    async def accounts(self, user_id: int) -> list[AccountRow]:
        """List a person's accounts, the oldest first."""
        statement = (
            select(*columns(AccountRow, ChatAccount)).where(ChatAccount.user_id == user_id).order_by(ChatAccount.id)
        )
        return await rows(self._session, AccountRow, statement)

    async def open_session(self, user_id: int, source: str, now: datetime) -> int:
        """Open a session on a platform; files, moods, songs and events belong to it."""
        session = Session(user_id=user_id, source=source, started_at=now)
        self._session.add(session)
        await self._session.flush()
        return session.id

    async def has_session(self, session_id: int) -> bool:
        return await self._session.scalar(select(Session.id).where(Session.id == session_id)) is not None

    async def profile(self, user_id: int) -> ProfileRow:
        """Return what is known; empty when nothing was told."""
        statement = select(*columns(ProfileRow, UserProfile)).where(UserProfile.user_id == user_id)
        return await one(self._session, ProfileRow, statement) or ProfileRow()

    async def set_profile(self, user_id: int, **given: Unpack[Profile]) -> bool:
        """Set only the given fields; False when there is no such user."""
        return await write_one(self._session, UserProfile, user_id=user_id, key={"user_id": user_id}, given=given)

    async def delete(self, user_id: int) -> bool:
        """Delete a person and every row that belongs to them. Their files are the caller's to remove first."""
        return await changed(self._session, delete(User).where(User.id == user_id)) == 1
