"""Keys of events that came in, so that one delivered twice is handled once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from storage.repositories.sql import changed
from storage.tables.keys import IdempotencyKey

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

KEY_LENGTH = 64


class IdempotencyKeys:
    """Every event key of the last days."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, platform: str, key: str, *, song_id: int | None, now: datetime) -> bool:
        """Remember a key; False when it was known. Two at once: the second waits for the first."""
        values = {"platform": platform, "event_key": _exact(key), "generation_id": song_id, "created_at": now}
        if await self.known(platform, key):
            return False
        try:
            async with self._session.begin_nested():
                await self._session.execute(insert(IdempotencyKey).values(**values))
        except IntegrityError:
            return False
        return True

    async def known(self, platform: str, key: str) -> bool:
        same = (IdempotencyKey.platform == platform, IdempotencyKey.event_key == _exact(key))
        return await self._session.scalar(select(IdempotencyKey.id).where(*same)) is not None

    async def song_of(self, platform: str, key: str) -> int | None:
        """Return the song that the event with this key began."""
        same = (IdempotencyKey.platform == platform, IdempotencyKey.event_key == _exact(key))
        return await self._session.scalar(select(IdempotencyKey.generation_id).where(*same))

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget keys that no platform delivers again; return how many."""
        old = await self._session.scalars(
            select(IdempotencyKey.id).where(IdempotencyKey.created_at < before).limit(limit)
        )
        found = list(old)
        return await changed(self._session, delete(IdempotencyKey).where(IdempotencyKey.id.in_(found))) if found else 0


def _exact(key: str) -> str:
    """A key as the column holds it; a longer one by its hash."""
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
