# ruff: noqa: PT012 - the error may come from any step of the unit
from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlalchemy.util import await_only

from storage.database import make_engine
from storage.errors import Conflict, DatabaseAway
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory, unit_of_work_factory
from tests.storage import databases
from tests.storage.conftest import MakeSong

on_sqlite = pytest.mark.parametrize("migrated", databases.PARAMS[:1], indirect=True)


async def test_without_commit_nothing_is_kept(begin: UnitOfWorkFactory, now: datetime) -> None:
    async with begin() as uow:
        await uow.users.find_or_create("discord", "9", "Ann", now)
    with pytest.raises(KeyError, match="mine"):
        async with begin() as uow:
            await uow.users.find_or_create("discord", "9", "Ann", now)
            raise KeyError("mine")
    async with begin(reading=True) as uow:
        assert await uow.users.find("discord", "9") is None


async def test_a_late_database_is_away(engine: AsyncEngine) -> None:
    uow = UnitOfWork(async_sessionmaker(engine), patience_s=0.02)
    with pytest.raises(DatabaseAway, match=r"0\.02 s"):
        async with uow:
            await asyncio.Event().wait()
    async with unit_of_work_factory(engine)(reading=True) as after:
        assert await after.users.get(1) is None


async def test_the_callers_own_time_out_passes_through(begin: UnitOfWorkFactory) -> None:
    with pytest.raises(TimeoutError):
        async with begin() as uow:
            await uow.users.get(1)
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()


async def test_cancelled_while_it_ends_a_unit_leaves_nothing_behind(begin: UnitOfWorkFactory, ann: int) -> None:
    async def use() -> None:
        task = asyncio.current_task()
        assert task is not None
        async with begin() as uow:
            await uow.users.get(ann)
            asyncio.get_running_loop().call_soon(task.cancel)  # strikes while the connection is given back

    before = asyncio.all_tasks()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(use())
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("moment", ["commit", "reset"])  # just before the COMMIT, and when the connection goes back
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_cancelled_while_it_commits_a_unit_breaks_nothing_off(
    engine: AsyncEngine,
    begin: UnitOfWorkFactory,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    times: int,
    moment: str,
) -> None:
    async def strike(task: asyncio.Task[None]) -> None:
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.01)  # until it waits again

    async def use() -> None:
        task = asyncio.current_task()
        assert task is not None
        async with begin() as uow:
            await uow.users.find_or_create("discord", "9", "Ann", now)
            # Such listeners run in SQLAlchemy's greenlet, which may wait.
            event.listen(engine.sync_engine, moment, lambda *_: await_only(strike(task)), once=True)
            await uow.commit()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(use())
    assert [each.getMessage() for each in caplog.records] == []
    async with begin(reading=True) as uow:
        assert await uow.users.find("discord", "9") is not None


async def test_writers_in_each_others_way_conflict(
    database_url: str, begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    one, two = await make_song(ann), await make_song(ann)
    hasty = make_engine(database_url)
    if database_url.startswith("sqlite"):  # one writer never deadlocks, it waits; not for 10 s here
        event.listen(hasty.sync_engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 50"))
    both_hold_one = asyncio.Barrier(2)

    async def cross(engine_begin: UnitOfWorkFactory, first: int, then: int) -> str:
        try:
            async with engine_begin() as uow:
                await uow.songs.cancel(first, now=now)
                with suppress(TimeoutError):  # SQLite's second writer never gets here
                    async with asyncio.timeout(0.3):
                        await both_hold_one.wait()
                await uow.songs.cancel(then, now=now)
                await uow.commit()
        except Conflict:
            return "conflict"
        return "kept"

    outcomes = await asyncio.gather(cross(begin, one, two), cross(unit_of_work_factory(hasty), two, one))
    await hasty.dispose()
    assert sorted(outcomes) == ["conflict", "kept"]
    async with begin(reading=True) as uow:
        songs = [await uow.songs.get(song_id) for song_id in (one, two)]
    assert [song and song.status for song in songs] == [SongState.CANCELLED, SongState.CANCELLED]


@on_sqlite
async def test_readers_do_not_wait_for_a_writer(begin: UnitOfWorkFactory, ann: int, now: datetime) -> None:
    async with begin() as writer:
        await writer.users.set_profile(ann, age=30)
        async with begin(reading=True) as reader:
            assert (await reader.users.profile(ann)).age is None
        await writer.commit()


@on_sqlite
async def test_a_database_that_cannot_be_opened_is_away(migrated: str) -> None:
    engine = make_engine("sqlite+aiosqlite:////nowhere/at/all.db")
    with pytest.raises(DatabaseAway):
        async with unit_of_work_factory(engine)() as uow:
            await uow.users.get(1)
    await engine.dispose()
    while any("connection_worker" in thread.name for thread in threading.enumerate()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # the driver's thread reports its end to this loop


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="sqlite\\+pysqlite"):
        make_engine("sqlite+pysqlite:///x.db")
