"""Redis forgets everything, or goes away and comes back empty, while a song is in any state: it arrives once."""

from __future__ import annotations

import pytest

from storage.song_states import SongState
from tests.bot.system import Shift

STATES = [
    SongState.RECEIVED,
    SongState.READING,
    SongState.DRAFTING,
    SongState.QUEUED,
    SongState.RENDERING,
    SongState.DELIVERING,
]


@pytest.mark.parametrize("state", STATES)
async def test_a_song_outlives_a_flush(shift: Shift, state: SongState) -> None:
    async with shift.held(state) as song_id:
        shift.system.redis.flush()
    await shift.arrives_once(song_id)


@pytest.mark.parametrize("state", STATES)
async def test_a_song_outlives_a_restart(shift: Shift, state: SongState) -> None:
    async with shift.held(state) as song_id:
        shift.system.redis.restart()
    await shift.arrives_once(song_id)


async def test_songs_sent_while_redis_is_away_arrive_when_it_is_back(shift: Shift) -> None:
    shift.system.redis.stop()
    song_id = await shift.send()
    assert (await shift.song(song_id)).status == SongState.RECEIVED
    shift.system.redis.start()
    await shift.arrives_once(song_id)
