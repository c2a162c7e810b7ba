"""The database goes away while a song is in any state, and comes back: it arrives once."""

from __future__ import annotations

import pytest

from storage.song_states import SongState
from tests.bot.system import Shift
from tests.bot.waiting import until

UNCLAIMED = [SongState.RECEIVED, SongState.QUEUED]
WITH_A_HEART = [SongState.READING, SongState.DRAFTING, SongState.DELIVERING]


@pytest.mark.parametrize("state", WITH_A_HEART)
async def test_a_song_outlives_a_database_that_misses_its_heartbeats(shift: Shift, state: SongState) -> None:
    before = _missed(shift)
    async with shift.held(state) as song_id:
        with shift.system.proxy.closed():

            async def missed() -> bool:
                return _missed(shift) > before

            if state != SongState.DELIVERING:  # the chat's heart beats in this process: its log is not there
                await until(missed, "a heartbeat to be missed")
    await shift.arrives_once(song_id)


@pytest.mark.parametrize("state", UNCLAIMED)
async def test_a_song_outlives_a_database_that_is_away_when_it_is_to_be_claimed(shift: Shift, state: SongState) -> None:
    worker, stage = shift.system.worker_at(state), "draft" if state == SongState.RECEIVED else "music"
    worker.freeze()
    song_id = await shift.send()
    await shift.reaches(song_id, state)
    with shift.system.proxy.closed():
        worker.thaw()

        async def picked() -> bool:
            return shift.system.redis.exists(f"arq:in-progress:{stage}:{song_id}:0")

        await until(picked, "the worker to take the job")
    await shift.arrives_once(song_id)


def _missed(shift: Shift) -> int:
    return shift.logs().count("heartbeat missed")


async def test_a_song_outlives_a_database_that_goes_while_it_renders(shift: Shift) -> None:
    async with shift.held(SongState.RENDERING) as song_id:
        with shift.system.proxy.closed():
            shift.system.music.thaw()
            engine = shift.system.music

            async def waits_or_is_done() -> bool:
                return "heartbeat missed" in engine.said() or not engine.alive

            await until(waits_or_is_done, "the music worker to notice")
    await shift.arrives_once(song_id)
