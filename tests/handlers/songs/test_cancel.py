"""Cancelling: who may, what goes, and who wins against a worker that finishes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from handlers.deps import Deps
from handlers.errors import UnknownSong
from handlers.jobs.attempt import attempt
from handlers.jobs.lease import Lease, claim, ensure_lease_held
from handlers.songs.cancel import cancel_song
from storage.song_states import SongState
from tests.handlers.conftest import ANN, BOB, NotedQueue
from tests.handlers.planned_songs import planned, row, selfie


async def test_a_waiting_song_is_cancelled_and_its_photo_gone(deps: Deps, queue: NotedQueue, tmp_path: Path) -> None:
    song_id = await selfie(deps)
    assert await cancel_song(song_id, by=ANN, deps=deps)
    assert (await row(deps, song_id)).status == SongState.CANCELLED
    assert list((tmp_path / "media").rglob("*.selfie")) == []
    assert queue.aborted == [("draft", song_id, 0)]
    assert not await cancel_song(song_id, by=ANN, deps=deps)


async def test_others_learn_of_no_such_song(deps: Deps) -> None:
    song_id = await selfie(deps)
    await selfie(deps, sender=BOB)
    for stranger_or_nobody in (song_id, song_id + 100):
        with pytest.raises(UnknownSong):
            await cancel_song(stranger_or_nobody, by=BOB, deps=deps)
    assert (await row(deps, song_id)).status == SongState.RECEIVED


async def test_cancelled_first_the_worker_finds_its_lease_lost(deps: Deps, queue: NotedQueue) -> None:
    song_id = await planned(deps)
    lease = await _claimed(deps, song_id)
    assert await cancel_song(song_id, by=ANN, deps=deps)
    await attempt(lease, lambda: _finish(deps, lease), stage="music", deps=deps)
    assert (await row(deps, song_id)).status == SongState.CANCELLED
    assert ("deliver", song_id, 0) not in queue.put_jobs


async def test_finished_first_there_is_nothing_to_cancel(deps: Deps) -> None:
    song_id = await planned(deps)
    lease = await _claimed(deps, song_id)
    await attempt(lease, lambda: _finish(deps, lease), stage="music", deps=deps)
    assert not await cancel_song(song_id, by=ANN, deps=deps)
    assert (await row(deps, song_id)).status == SongState.DELIVERED


async def test_of_two_workers_one_gets_the_song(deps: Deps) -> None:
    song_id = await planned(deps)
    leases = await asyncio.gather(*(claim(song_id, states=(SongState.QUEUED,), deps=deps) for _ in range(8)))
    assert sum(lease is not None for lease in leases) == 1
    assert (await row(deps, song_id)).attempts == 1


async def _claimed(deps: Deps, song_id: int) -> Lease:
    lease = await claim(song_id, states=(SongState.QUEUED,), deps=deps)
    assert lease is not None
    return lease


async def _finish(deps: Deps, lease: Lease) -> None:
    ensure_lease_held(
        await deps.commit(
            lambda unit: unit.songs.advance(
                lease.song.id,
                lease=lease.token,
                from_states=(SongState.QUEUED,),
                to=SongState.DELIVERED,
                now=deps.clock.now(),
            )
        )
    )
