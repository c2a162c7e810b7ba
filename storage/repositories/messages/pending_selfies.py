"""Selfies whose senders have yet to accept what happens with photos, one an account."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.repositories.sql import changed
from storage.tables.incoming import PendingSelfie

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession


class PendingSelfies:
    """All of them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def set(self, platform: str, account_id: str, payload: str, *, since: datetime) -> None:
        """Keep an account's selfie in place of an older one."""
        values = {"payload": payload, "since": since}
        replace = update(PendingSelfie).where(*_of(platform, account_id)).values(**values)
        if await changed(self._session, replace):
            return
        try:
            async with self._session.begin_nested():
                await self._session.execute(
                    insert(PendingSelfie).values(platform=platform, account_id=account_id, **values)
                )
        except IntegrityError:  # another process was first
            await changed(self._session, replace)

    async def get(self, platform: str, account_id: str) -> str | None:
        """Give the payload of an account's selfie."""
        return await self._session.scalar(select(PendingSelfie.payload).where(*_of(platform, account_id)))

    async def forget(self, platform: str, account_id: str) -> None:
        await changed(self._session, delete(PendingSelfie).where(*_of(platform, account_id)))

    async def prune(self, *, before: datetime) -> None:
        """Forget those whose senders have not accepted for long."""
        await changed(self._session, delete(PendingSelfie).where(PendingSelfie.since < before))


def _of(platform: str, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return PendingSelfie.platform == platform, PendingSelfie.account_id == account_id
