"""Redis forgets everything, or goes away and comes back empty, while a song is in any state: it arrives once."""

from __future__ import annotations

import pytest

from storage.song_states import State
from tests.bot.workshop import Shift

STATES = [State.RECEIVED, State.READING, State.DRAFTING, State.QUEUED, State.RENDERING, State.DELIVERING]


@pytest.mark.parametrize("state", STATES)
async def test_a_song_outlives_a_flush(shift: Shift, state: State) -> None:
    async with shift.held(state) as song_id:
        shift.shop.redis.flush()
    await shift.arrives_once(song_id)


@pytest.mark.parametrize("state", STATES)
async def test_a_song_outlives_a_restart(shift: Shift, state: State) -> None:
    async with shift.held(state) as song_id:
        shift.shop.redis.restart()
    await shift.arrives_once(song_id)


async def test_songs_sent_while_redis_is_away_arrive_when_it_is_back(shift: Shift) -> None:
    shift.shop.redis.stop()
    song_id = await shift.send()
    assert (await shift.song(song_id)).status == State.RECEIVED
    shift.shop.redis.start()
    await shift.arrives_once(song_id)
