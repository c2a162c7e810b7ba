"""A song's story, and one's songs a page at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.library.story import PAGE, past_songs, song_story
from storage.song_states import SongState
from tests.handlers.conftest import ANN, BOB
from tests.handlers.planned_songs import planned, selfie


async def test_history_is_ones_own_newest_first_a_page_at_a_time(deps: Deps) -> None:
    deps = replace(deps, limits=replace(deps.limits, songs_in_work=100, songs_per_day=100))
    ours = [await selfie(deps) for _ in range(PAGE + 2)]
    await selfie(deps, sender=BOB)
    first = await past_songs(ANN, deps=deps)
    second = await past_songs(ANN, deps=deps, before_id=first[-1].id)
    assert [song.id for song in (*first, *second)] == ours[::-1]
    assert len(first) == PAGE


async def test_a_songs_story(deps: Deps) -> None:
    song_id = await planned(deps, mood="fear", to=SongState.DELIVERED)
    story = await song_story(song_id, deps=deps)
    assert story.mood is not None
    assert (story.mood.label, story.song.id) == ("fear", song_id)
    with pytest.raises(Refused) as refused:
        await song_story(song_id + 1, deps=deps)
    assert refused.value.code == "unknown_song"
