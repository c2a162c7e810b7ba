"""What listeners tell about themselves: stored, shown, bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.desk import Desk
from handlers.errors import Refused, UnknownListener
from handlers.history import PAGE, history, song_story
from handlers.listeners import Preferences, locale_of_listener, set_preferences, show_listener
from storage.song_states import State
from tests.handlers.conftest import ANN, BOB
from tests.handlers.songs import planned, selfie


async def test_set_show_and_change_one_thing(desk: Desk) -> None:
    wanted = Preferences(("lo-fi", "jazz"), ("piano",), (80, 120), "heavy drums, screams", "zh")
    assert await set_preferences(ANN, wanted, desk=desk) == await show_listener(ANN, desk=desk)
    await set_preferences(ANN, Preferences(genres=("ambient",)), desk=desk)
    shown = await show_listener(ANN, desk=desk)
    assert (shown.name, shown.locale) == (ANN.username, "zh")
    assert shown.taste.fav_genres == ("ambient",)
    assert shown.taste.fav_instruments == ("piano",)
    assert (shown.taste.bpm_min, shown.taste.bpm_max) == (80, 120)
    assert shown.taste.negative_prompts == ("heavy drums", "screams")
    await set_preferences(ANN, Preferences(genres=(), avoid=""), desk=desk)
    cleared = (await show_listener(ANN, desk=desk)).taste
    assert (cleared.fav_genres, cleared.negative_prompts) == ((), ())
    assert await locale_of_listener(ANN, desk=desk) == "zh"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Preferences(genres=("x",) * 21), "too_many_words"),
        (Preferences(instruments=("x" * 61,)), "word_too_long"),
        (Preferences(avoid="x" * 501), "avoid_too_long"),
        (Preferences(bpm=(120, 80)), "bad_bpm"),
        (Preferences(bpm=(39, 80)), "bad_bpm"),
        (Preferences(bpm=(80, 221)), "bad_bpm"),
        (Preferences(locale="xx"), "unknown_locale"),
    ],
)
async def test_limits(desk: Desk, wanted: Preferences, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await set_preferences(ANN, wanted, desk=desk)
    assert refused.value.code == code
    with pytest.raises(UnknownListener):
        await show_listener(ANN, desk=desk)


async def test_strangers_are_unknown_and_stay_so(desk: Desk) -> None:
    with pytest.raises(UnknownListener):
        await show_listener(BOB, desk=desk)
    with pytest.raises(UnknownListener):
        await history(BOB, desk=desk)
    assert await locale_of_listener(BOB, desk=desk) == "en"
    assert await desk.commit(lambda unit: unit.users.find(BOB.platform, BOB.account_id)) is None


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
