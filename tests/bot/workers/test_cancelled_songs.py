"""Cancelling songs that real workers hold, bad pictures that they refuse, and two jobs for one song."""

from __future__ import annotations

import asyncio

import pytest

from bot.job_queue import queue_name
from handlers.ports import Stage
from handlers.songs.cancel import cancel_song
from storage.song_states import SongState
from tests.bot.system import ANN, Shift
from tests.bot.waiting import until


@pytest.mark.parametrize("state", [SongState.READING, SongState.DRAFTING, SongState.RENDERING])
async def test_cancelling_stops_the_work_and_removes_the_photo(shift: Shift, state: SongState) -> None:
    async with shift.held(state) as song_id:
        before = await shift.song(song_id)
        assert await cancel_song(song_id, by=ANN, deps=shift.process.deps)
        await shift.no_photo_is_left()
        if state == SongState.RENDERING:
            shift.system.music.thaw()

        async def let_go() -> bool:
            """The engine has stopped when its worker takes the job off the queue."""
            stage: Stage = "music" if state == SongState.RENDERING else "draft"
            jobs = await shift.process.pool.zrange(queue_name(stage, ""), 0, -1)
            return f"{stage}:{song_id}:0".encode() not in jobs

        await until(let_go, "the worker to let go")
    song = await shift.song(song_id)
    assert (before.status, song.status) == (state, SongState.CANCELLED)
    assert song.audio_path is None
    assert await shift.count("assets", song.session_id, "type = 'audio'") == 0
    assert not list((shift.system.folder / "media" / str(song.user_id)).glob(f"{song.session_id}/*.mp3"))
    following = await shift.send()  # the worker still works
    await shift.arrives_once(following)
    assert shift.chat.times_sent(song_id) == 0


async def test_a_song_queued_many_times_is_made_once(shift: Shift) -> None:
    shift.system.draft.freeze()
    song_id = await shift.send()
    queue = shift.process.deps.queue
    await asyncio.gather(*(queue.put("draft", song_id, attempt=n, platform="terminal") for n in range(1, 6)))
    shift.system.draft.thaw()
    song = await shift.reaches(
        song_id, SongState.QUEUED, SongState.RENDERING, SongState.DELIVERING, SongState.DELIVERED
    )
    await asyncio.gather(*(queue.put("music", song_id, attempt=n, platform="terminal") for n in range(1, 6)))
    await shift.reaches(song_id, SongState.DELIVERED)
    await asyncio.gather(*(queue.put("deliver", song_id, attempt=n, platform="terminal") for n in range(1, 6)))
    await shift.arrives_once(song_id)
    assert await shift.count("emotions", song.session_id) == 1
    assert await shift.count("events", song.session_id, "agent = 'compose'") == 1


@pytest.mark.parametrize(("data", "code"), [(b"no picture at all", "not_a_picture"), (None, "broken_picture")])
async def test_a_picture_that_cannot_be_read_is_removed_and_told_once(
    shift: Shift, data: bytes | None, code: str
) -> None:
    song_id = await shift.send(data=shift.system.portrait[:3000] if data is None else data)
    song = await shift.fails_once(song_id)
    assert (song.error_code, song.attempts) == (code, 1)
    (sentence,) = shift.chat.sentences(song_id)
    assert "–" not in sentence
    assert "on our side" not in sentence
