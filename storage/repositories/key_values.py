"""Named values that outlive a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.repositories.sql import changed
from storage.tables.keys import KeyValue

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class KeyValues:
    """All of them; names have up to 64 characters."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def set(self, name: str, value: str) -> None:
        """Keep a value in place of an older one."""
        write = update(KeyValue).where(KeyValue.name == name).values(value=value)
        if await changed(self._session, write):
            return
        try:
            async with self._session.begin_nested():
                await self._session.execute(insert(KeyValue).values(name=name, value=value))
        except IntegrityError:  # another process was first
            await changed(self._session, write)

    async def get(self, name: str) -> str | None:
        return await self._session.scalar(select(KeyValue.value).where(KeyValue.name == name))

    async def named(self, prefix: str) -> dict[str, str]:
        """Give every value whose name begins so."""
        found = await self._session.execute(
            select(KeyValue.name, KeyValue.value).where(KeyValue.name.startswith(prefix, autoescape=True))
        )
        return {row.name: row.value for row in found}

    async def forget(self, name: str) -> None:
        await changed(self._session, delete(KeyValue).where(KeyValue.name == name))
