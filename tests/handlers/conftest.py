"""What handlers work with, on a real database and a real folder; or a whole world, with a chat that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handlers.deps import Deps
from handlers.events import Sender
from handlers.limits import Limits
from handlers.ports import Stage
from storage.database import make_engine
from storage.media import Media
from storage.unit_of_work import unit_of_work_factory
from tests.handlers.world import MemoryQueue, World
from tests.handlers.world import MovableClock as SlowClock
from tests.storage import databases

# Needs a server's driver. Without one there is nothing to test, so nothing is skipped either.
collect_ignore = [] if "server" in databases.KINDS else ["test_transactions.py"]

ANN = Sender("terminal", "ann", "Ann 👩‍🎤")
BOB = Sender("terminal", "bob", "Bob")


@dataclass
class NotedQueue:
    """The Queue port's far end: what would have gone to Redis."""

    put_jobs: list[tuple[Stage, int, int]] = field(default_factory=list)
    aborted: list[tuple[Stage, int, int]] = field(default_factory=list)

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        self.put_jobs.append((stage, song_id, attempt))

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        self.aborted.append((stage, song_id, attempt))


@dataclass
class MovableClock:
    """The Clock port; sleeping moves it."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def queue() -> NotedQueue:
    return NotedQueue()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime.fromisoformat("2026-03-01T12:00:00"))


@pytest.fixture
async def deps(database_url: str, tmp_path: Path, queue: NotedQueue, clock: MovableClock) -> AsyncIterator[Deps]:
    engine = make_engine(database_url)
    media = Media((tmp_path / "media").as_uri())
    yield Deps(unit_of_work_factory(engine), media, queue, clock, Limits())
    await engine.dispose()


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    engine = make_engine(database_url)
    clock, queue = SlowClock(), MemoryQueue()
    deps = Deps(unit_of_work_factory(engine), Media((tmp_path / "media").as_uri()), queue, clock)
    yield World(deps, clock, queue)
    await engine.dispose()
