"""Workers that are asked to stop hand their songs on; songs that kill their workers are given up and told."""

from __future__ import annotations

import pytest

from storage.song_states import SongState
from tests.bot.system import Shift
from tests.bot.waiting import until


@pytest.mark.parametrize("state", [SongState.READING, SongState.DRAFTING, SongState.RENDERING])
async def test_sigterm_hands_the_song_back_uncounted(shift: Shift, state: SongState) -> None:
    async with shift.held(state) as song_id:
        worker = shift.system.worker_at(state)
        assert (await shift.song(song_id)).attempts == 1
        worker.thaw()
        assert await worker.terminate() == 0
        song = await shift.song(song_id)
        assert (song.status, song.lease, song.attempts) == (state, None, 0)
    await shift.system.staffed()
    await shift.arrives_once(song_id)


async def test_a_song_that_killed_three_workers_is_given_up_and_told_once(shift: Shift) -> None:
    song_id = 0
    for death in range(3):
        if death == 0:
            async with shift.held(SongState.RENDERING) as song_id:
                shift.system.music.kill()
        else:
            await shift.system.staffed()

            async def rendering(times: int = death + 1) -> bool:
                return (await shift.song(song_id)).attempts == times

            await until(rendering, "the next worker to claim the song")
            shift.system.music.kill()
    song = await shift.fails_once(song_id)
    assert (song.error_code, song.error) == ("worker_died", {"attempts": 3})
    assert shift.chat.sentences(song_id) == ["Making this song failed 3 times, so I stopped. Please try again later."]


async def test_a_song_that_killed_three_readers_leaves_no_photo(shift: Shift) -> None:
    async with shift.held(SongState.READING) as song_id:
        for death in range(1, 4):

            async def claimed(times: int = death) -> bool:
                song = await shift.song(song_id)
                return song.attempts == times and song.lease is not None

            await until(claimed, "the next worker to claim the song")
            shift.system.draft.kill()
            if death < 3:
                await shift.system.staffed()
    await shift.fails_once(song_id)
    await shift.system.staffed()
