"""A job that is stopped hands its song back before it ends, however often and however late it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from handlers.deps import Deps
from handlers.jobs.attempt import attempt
from handlers.jobs.lease import claim
from storage.database import make_engine
from storage.song_states import SongState
from tests.handlers.planned_songs import planned, row


@asynccontextmanager
async def _locked(database_url: str, song_id: int) -> AsyncIterator[None]:
    """Keep every other writer from the song's row (in SQLite: from the file)."""
    engine = make_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE generations SET id = id WHERE id = :id"), {"id": song_id})
            yield
            await connection.rollback()
    finally:
        await engine.dispose()


@pytest.mark.parametrize("cancels", [1, 2, 4])
async def test_a_job_does_not_end_before_its_song_is_handed_back(deps: Deps, database_url: str, cancels: int) -> None:
    working = asyncio.Event()
    lease = await claim(await planned(deps), states=(SongState.QUEUED,), deps=deps)
    assert lease is not None

    async def work() -> None:
        working.set()
        await asyncio.Event().wait()

    job = asyncio.create_task(attempt(lease, work, stage="music", deps=deps))
    await working.wait()
    async with _locked(database_url, lease.song.id):
        for _ in range(cancels):
            job.cancel()
            await asyncio.wait({job}, timeout=0.05)
            assert not job.done()
    await asyncio.wait({job})
    assert job.cancelled()
    song = await row(deps, lease.song.id)
    assert (song.status, song.lease, song.attempts) == (SongState.QUEUED, None, 0)
    assert _going_on() == {asyncio.current_task()}


async def test_cancelled_at_any_step_nothing_of_a_job_is_left_behind(deps: Deps) -> None:
    song_id = await planned(deps)

    async def work() -> None:
        while True:
            await deps.read(lambda unit: unit.songs.get(song_id))

    for steps in range(1, 40):
        lease = await claim(song_id, states=(SongState.QUEUED,), deps=deps)
        assert lease is not None, steps  # the job before has handed it back
        job = asyncio.create_task(attempt(lease, work, stage="music", deps=deps))
        for turns in (steps, steps // 3 + 1):
            for _ in range(turns):
                await asyncio.sleep(0)
            job.cancel()
        await asyncio.wait({job})
        assert job.cancelled(), steps
        assert _going_on() == {asyncio.current_task()}, steps
    assert (await row(deps, song_id)).lease is None


def _going_on() -> set[asyncio.Task[object]]:
    """Tasks of ours that nobody has stopped; SQLAlchemy closes a connection in one of its own."""
    tasks = {task for task in asyncio.all_tasks() if not task.cancelling()}
    return {task for task in tasks if "site-packages" not in repr(task)}
