"""What stands in the database before a test of storage begins: nothing at all, or a listener and songs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from storage.database import make_engine
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWorkFactory, unit_of_work_factory
from tests.storage import databases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine


# These need a server. Without one there is nothing to test, so nothing is skipped either.
collect_ignore = [] if "server" in databases.KINDS else ["test_server_lost.py", "test_server_migrating.py"]

MakeSong = Callable[..., Coroutine[None, None, int]]


@pytest.fixture
def blank_url(migrated: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any tables."""
    if migrated.startswith("sqlite"):
        yield f"sqlite+aiosqlite:///{tmp_path / 'blank.db'}"
        return
    url = databases.server_url("blank")
    asyncio.run(databases.create(url))
    yield url
    asyncio.run(databases.drop(url))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def begin(engine: AsyncEngine) -> UnitOfWorkFactory:
    return unit_of_work_factory(engine)


@pytest.fixture
def now() -> datetime:
    return datetime.fromisoformat("2026-03-01T12:00:00.123456")


@pytest.fixture
async def ann(begin: UnitOfWorkFactory, now: datetime) -> int:
    """A listener's id."""
    async with begin() as uow:
        user = await uow.users.find_or_create("discord", "1001", "Ann", now)
        await uow.commit()
    return user.id


@pytest.fixture
def make_song(begin: UnitOfWorkFactory, now: datetime) -> MakeSong:
    """A coroutine that keeps a song in its own session and returns its id."""

    async def make(user_id: int, status: SongState = SongState.RECEIVED, *, at: datetime = now) -> int:
        async with begin() as uow:
            session_id = await uow.users.open_session(user_id, "discord", at)
            song_id = await uow.songs.add(
                session_id=session_id, user_id=user_id, status=status, options=None, reply_to=None, now=at
            )
            await uow.commit()
        return song_id

    return make
