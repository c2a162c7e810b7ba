"""A heartbeat between a stage's last commit and the next queue finds no lease any more, and breaks nothing off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from handlers.deps import Deps
from handlers.jobs.deliver import deliver_song
from handlers.jobs.draft import draft_song
from handlers.jobs.render import render_song
from handlers.ports import Stage
from pipeline.backends.sketch.composer import SketchComposer
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.handlers.world import MemoryQueue, World, photo

COMMIT_S = 0.02
QUEUE_S = 0.3  # several beats long, each of which takes a commit
BEAT_EVERY_S = 0.02  # the world's clock sleeps a twentieth of that


@dataclass
class LateQueue:
    """A queue that takes its time: the beats of a lease that has just ended fall into it."""

    queue: MemoryQueue

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        await asyncio.sleep(QUEUE_S)
        await self.queue.put(stage, song_id, attempt=attempt, platform=platform)

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        await self.queue.abort(stage, song_id, attempt=attempt, platform=platform)


class LateUnit(UnitOfWork):
    """A unit whose commit is in the database a while before its caller hears of it."""

    async def commit(self) -> None:
        await super().commit()
        await asyncio.sleep(COMMIT_S)


def late(open_unit: UnitOfWorkFactory) -> UnitOfWorkFactory:
    def open_late(*, reading: bool = False) -> UnitOfWork:
        unit = open_unit(reading=reading)
        unit.__class__ = LateUnit
        return unit

    return open_late


def beating(world: World) -> Deps:
    limits = replace(world.deps.limits, beat_every_s=BEAT_EVERY_S)
    return replace(world.deps, limits=limits, queue=LateQueue(world.queue), open_unit=late(world.deps.open_unit))


async def test_every_stage_queues_the_next_one(world: World) -> None:
    song_id, deps = await world.selfie(), beating(world)
    assert world.queue.take("draft") == [song_id]
    await draft_song(song_id, deps=deps, reader=world.reader, writer=None)
    assert world.queue.take("music") == [song_id]
    await render_song(song_id, deps=deps, composers=[SketchComposer()])
    assert world.queue.take("deliver") == [song_id]
    await deliver_song(song_id, deps=deps, chat=world.chat)
    assert await world.status(song_id) == SongState.DELIVERED
    assert len(world.chat.songs) == 1


async def test_a_question_about_the_mood_leaves_no_photo(world: World) -> None:
    song_id = await world.selfie(data=photo("happy 0.3 sad"))
    assert await world.files() != ()
    await draft_song(song_id, deps=beating(world), reader=world.reader, writer=None)
    assert await world.status(song_id) == SongState.ASKING
    assert await world.files() == ()


@pytest.mark.parametrize("stage", ["draft", "music"])
async def test_a_song_cancelled_in_the_last_moment_is_not_queued(world: World, stage: Stage) -> None:
    song_id, deps = await world.selfie(), beating(world)
    if stage == "music":
        await draft_song(song_id, deps=deps, reader=world.reader, writer=None)
    world.queue.jobs.clear()
    work = (
        draft_song(song_id, deps=deps, reader=world.reader, writer=None)
        if stage == "draft"
        else render_song(song_id, deps=deps, composers=[SketchComposer()])
    )
    job = asyncio.create_task(work)
    while (await world.song(song_id)).lease is None:  # noqa: ASYNC110  (the row changes, which wakes nobody)
        await asyncio.sleep(0)
    await world.deps.commit(lambda unit: unit.songs.cancel(song_id, now=world.clock.now()))
    await job
    assert await world.status(song_id) == SongState.CANCELLED
    assert world.queue.jobs == []
