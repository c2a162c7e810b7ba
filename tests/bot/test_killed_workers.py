"""kill -9 of each worker while it has a song in its hands, in every state: the song still arrives, once."""

from __future__ import annotations

import pytest

from storage.states import State
from tests.bot.workshop import Shift


@pytest.mark.parametrize("state", [State.RECEIVED, State.READING, State.DRAFTING, State.QUEUED, State.RENDERING])
async def test_a_killed_workers_song_arrives_once(shift: Shift, state: State) -> None:
    async with shift.held(state) as song_id:
        shift.shop.worker_at(state).kill()
        assert (await shift.song(song_id)).status == state
    await shift.shop.staffed()
    await shift.arrives_once(song_id)
