"""A world per test, on every database at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from handlers.desk import Desk
from storage.database import make_engine
from storage.media import Media
from storage.migrate import upgrade
from storage.unit_of_work import unit_of_work_factory
from tests.handlers.chat.world import MemoryQueue, MovableClock, World
from tests.storage import databases
from tests.storage.conftest import database_url

__all__ = ["database_url"]


@pytest.fixture(scope="session", params=databases.KINDS)
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that holds the tables; on the server it is not that of other tests."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('chats') / 'template.db'}"
        asyncio.run(upgrade(url))
        yield url
        return
    url = databases.server_url("chats")
    asyncio.run(databases.create(url))
    asyncio.run(upgrade(url))
    yield url
    asyncio.run(databases.drop(url))


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    engine = make_engine(database_url)
    clock, queue = MovableClock(), MemoryQueue()
    desk = Desk(unit_of_work_factory(engine), Media((tmp_path / "media").as_uri()), queue, clock)
    yield World(desk, clock, queue)
    await engine.dispose()
