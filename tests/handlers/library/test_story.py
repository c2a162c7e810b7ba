"""A song's story, and one's songs a page at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.deps import Desk
from handlers.errors import Refused
from handlers.library.story import PAGE, history, song_story
from storage.song_states import State
from tests.handlers.conftest import ANN, BOB
from tests.handlers.planned_songs import planned, selfie


async def test_history_is_ones_own_newest_first_a_page_at_a_time(desk: Desk) -> None:
    desk = replace(desk, limits=replace(desk.limits, songs_in_work=100, songs_per_day=100))
    ours = [await selfie(desk) for _ in range(PAGE + 2)]
    await selfie(desk, sender=BOB)
    first = await history(ANN, desk=desk)
    second = await history(ANN, desk=desk, before_id=first[-1].id)
    assert [song.id for song in (*first, *second)] == ours[::-1]
    assert len(first) == PAGE


async def test_a_songs_story(desk: Desk) -> None:
    song_id = await planned(desk, mood="fear", to=State.DELIVERED)
    story = await song_story(song_id, desk=desk)
    assert story.mood is not None
    assert (story.mood.label, story.song.id) == ("fear", song_id)
    with pytest.raises(Refused) as refused:
        await song_story(song_id + 1, desk=desk)
    assert refused.value.code == "unknown_song"
