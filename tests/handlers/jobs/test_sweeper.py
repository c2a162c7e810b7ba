"""The sweeper: what it pushes, what it gives up, which photos it removes; and that a failure is told once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from handlers.delivery import outbox
from handlers.deps import Deps
from handlers.jobs.attempt import attempt
from handlers.jobs.deliver import deliver_song
from handlers.jobs.draft import STATES
from handlers.jobs.lease import claim
from handlers.jobs.sweeper import sweep
from pipeline.errors import BadInput, EngineFailed, PipelineError
from storage.song_states import SongState
from tests.bot.recording_chat import RecordingChat
from tests.handlers.conftest import MovableClock, NotedQueue
from tests.handlers.planned_songs import planned, row, selfie


async def test_what_moves_is_left_alone(deps: Deps, queue: NotedQueue, clock: MovableClock, tmp_path: Path) -> None:
    await selfie(deps)
    queue.put_jobs.clear()
    await clock.sleep(deps.limits.stale_after_s - 1)
    await sweep(deps=deps)
    assert queue.put_jobs == []
    assert len(list((tmp_path / "media").rglob("*.selfie"))) == 1


async def test_what_stands_still_is_queued_again_once(deps: Deps, queue: NotedQueue, clock: MovableClock) -> None:
    drafted, rendered = await selfie(deps), await planned(deps)
    queue.put_jobs.clear()
    await clock.sleep(deps.limits.stale_after_s + 1)
    await asyncio.gather(sweep(deps=deps), sweep(deps=deps))
    assert sorted(queue.put_jobs) == [("draft", drafted, 0), ("music", rendered, 0)]


async def test_photos_of_songs_that_ended_go(deps: Deps, clock: MovableClock, tmp_path: Path) -> None:
    song_id, waiting = await selfie(deps), await selfie(deps)
    await deps.commit(lambda unit: unit.songs.cancel(song_id, now=clock.now()))  # and killed before the photo went
    await clock.sleep(deps.limits.stale_after_s + 1)
    await sweep(deps=deps)
    (left,) = (tmp_path / "media").rglob("*.selfie")
    assert left.parent.name == str((await row(deps, waiting)).session_id)


async def test_half_written_photos_go(deps: Deps, clock: MovableClock, tmp_path: Path) -> None:
    await selfie(deps)
    parts = tmp_path / "media" / ".parts"
    old, fresh = parts / "0011223344556677", parts / "8899aabbccddeeff"
    for part in (old, fresh):
        part.write_bytes(b"half a face")
    moment = clock.now().timestamp()
    os.utime(old, (moment - 3600, moment - 3600))
    os.utime(fresh, (moment + 3600, moment + 3600))
    await sweep(deps=deps)
    assert list(parts.iterdir()) == [fresh]


@pytest.mark.parametrize("error", [BadInput("no_face"), BadInput("photo_lost")])
async def test_the_senders_mistakes_fail_at_once_and_are_told_once(
    deps: Deps, queue: NotedQueue, tmp_path: Path, error: PipelineError
) -> None:
    song_id = await selfie(deps)
    await _attempt(deps, song_id, error)
    song = await row(deps, song_id)
    assert (song.status, song.error_code) == (SongState.FAILED, error.code)
    assert song.error == {"mendable": True}
    assert list((tmp_path / "media").rglob("*.selfie")) == []
    assert queue.put_jobs[-1] == ("deliver", song_id, 0)
    chat = RecordingChat(deps.media)
    for _ in range(2):
        await deliver_song(song_id, deps=deps, chat=chat)
    assert len(chat.sentences(song_id)) == 1


@pytest.mark.parametrize("error", [EngineFailed("mood_timeout", seconds=60), ZeroDivisionError("a bug")])
async def test_our_failures_are_tried_again_and_the_last_is_told(
    deps: Deps, queue: NotedQueue, tmp_path: Path, error: Exception
) -> None:
    song_id = await selfie(deps)
    for attempts in (1, 2):
        await _attempt(deps, song_id, error)
        song = await row(deps, song_id)
        assert (song.status, song.attempts, song.lease) == (SongState.RECEIVED, attempts, None)
        assert queue.put_jobs[-1] == ("draft", song_id, attempts)
        assert list((tmp_path / "media").rglob("*.selfie"))
    await _attempt(deps, song_id, error)
    song = await row(deps, song_id)
    assert song.status == SongState.FAILED
    assert song.error_code == (error.code if isinstance(error, PipelineError) else "broken")
    assert queue.put_jobs[-1] == ("deliver", song_id, 0)
    assert list((tmp_path / "media").rglob("*.selfie")) == []


async def test_two_jobs_that_tell_the_same_failure_tell_it_once(deps: Deps) -> None:
    song_id = await selfie(deps)
    await _attempt(deps, song_id, BadInput("no_face"))
    chat = RecordingChat(deps.media)
    chat.open.clear()  # a slow network: both jobs are at it together
    both = [asyncio.create_task(deliver_song(song_id, deps=deps, chat=chat)) for _ in range(2)]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    chat.open.set()
    await asyncio.gather(*both)
    assert len(chat.sentences(song_id)) == 1


async def test_a_failure_nobody_heard_of_is_told_later(deps: Deps, clock: MovableClock, queue: NotedQueue) -> None:
    song_id = await selfie(deps)
    await _attempt(deps, song_id, BadInput("no_face"))
    await outbox.start_delivery(
        song_id, "notice", platform="terminal", deps=deps
    )  # the chat process died while it told
    chat = RecordingChat(deps.media)
    await deliver_song(song_id, deps=deps, chat=chat)
    assert chat.told == []
    await clock.sleep(deps.limits.stale_after_s + 1)
    queue.put_jobs.clear()
    await sweep(deps=deps)
    assert [(stage, song) for stage, song, _ in queue.put_jobs] == [("deliver", song_id)]
    await deliver_song(song_id, deps=deps, chat=chat)
    assert len(chat.sentences(song_id)) == 1
    assert (await row(deps, song_id)).notified_at == clock.now()


async def test_another_platforms_song_is_not_ours_to_deliver(deps: Deps) -> None:
    song_id = await planned(deps, to=SongState.DELIVERING)
    chat = RecordingChat(deps.media, platform="discord")
    await deliver_song(song_id, deps=deps, chat=chat)
    assert chat.songs == []
    assert (await row(deps, song_id)).status == SongState.DELIVERING


async def _attempt(deps: Deps, song_id: int, error: Exception) -> None:
    lease = await claim(song_id, states=STATES, deps=deps)
    assert lease is not None

    async def work() -> None:
        raise error

    await attempt(lease, work, stage="draft", deps=deps)
