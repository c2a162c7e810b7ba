"""A desk on a real database and a real folder, with a queue that notes what was put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handlers.desk import Desk
from handlers.events import Sender
from handlers.limits import Limits
from handlers.ports import Stage
from storage.database import make_engine
from storage.media import Media
from storage.unit_of_work import unit_of_work_factory

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
async def desk(database_url: str, tmp_path: Path, queue: NotedQueue, clock: MovableClock) -> AsyncIterator[Desk]:
    engine = make_engine(database_url)
    media = Media((tmp_path / "media").as_uri())
    yield Desk(unit_of_work_factory(engine), media, queue, clock, Limits())
    await engine.dispose()
