"""A world per test, on every database at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.desk import Desk
from storage.database import make_engine
from storage.media import Media
from storage.unit_of_work import unit_of_work_factory
from tests.handlers.chat.world import MemoryQueue, MovableClock, World
from tests.storage.conftest import database_url, migrated

__all__ = ["database_url", "migrated"]


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    engine = make_engine(database_url)
    clock, queue = MovableClock(), MemoryQueue()
    desk = Desk(unit_of_work_factory(engine), Media((tmp_path / "media").as_uri()), queue, clock)
    yield World(desk, clock, queue)
    await engine.dispose()
