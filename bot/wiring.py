"""Open from settings what handlers need, and close it in reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from arq.connections import ArqRedis

from bot.clock import SystemClock
from bot.job_queue import ArqQueue, open_pool
from bot.settings import Settings
from handlers.deps import Deps
from handlers.ports import Queue, Stage
from storage.database import make_engine
from storage.media import Media
from storage.unit_of_work import unit_of_work_factory


class NoQueue:
    """The Queue port of commands that never queue anything (`plan`, `history`, `vote`)."""

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:  # noqa: ARG002
        raise AssertionError(f"nothing here queues, but song {song_id} was to go to {stage}")

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:  # noqa: ARG002
        raise AssertionError(f"nothing here queues, but song {song_id} was to leave {stage}")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that works on songs: what its handlers touch, and the Redis pool that arq's workers run on."""

    deps: Deps
    pool: ArqRedis


@asynccontextmanager
async def open_deps(settings: Settings, queue: Queue | None = None) -> AsyncIterator[Deps]:
    """Open the database and the media store; without a queue, handlers that queue must not be called."""
    engine = make_engine(settings.database)
    try:
        yield Deps(
            open_unit=unit_of_work_factory(engine),
            media=Media(settings.media),
            queue=queue or NoQueue(),
            clock=SystemClock(),
            limits=settings.limits,
        )
    finally:
        await engine.dispose()


@asynccontextmanager
async def open_process(settings: Settings, redis_url: str) -> AsyncIterator[Process]:
    """Open everything a worker or a chat process needs."""
    async with open_pool(redis_url) as pool, open_deps(settings, ArqQueue(pool)) as deps:
        yield Process(deps, pool)
