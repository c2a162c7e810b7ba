"""What listeners tell about themselves: stored, shown, bounded."""

from __future__ import annotations

import pytest

from handlers.deps import Deps
from handlers.errors import Refused, UnknownListener
from handlers.library.story import past_songs
from handlers.preferences.language import locale_of_listener
from handlers.preferences.store import PreferenceChanges, set_preferences, show_listener
from tests.handlers.conftest import ANN, BOB


async def test_set_show_and_change_one_thing(deps: Deps) -> None:
    wanted = PreferenceChanges(("lo-fi", "jazz"), ("piano",), (80, 120), "heavy drums, screams", "zh")
    assert await set_preferences(ANN, wanted, deps=deps) == await show_listener(ANN, deps=deps)
    await set_preferences(ANN, PreferenceChanges(genres=("ambient",)), deps=deps)
    shown = await show_listener(ANN, deps=deps)
    assert (shown.name, shown.locale) == (ANN.username, "zh")
    assert shown.taste.fav_genres == ("ambient",)
    assert shown.taste.fav_instruments == ("piano",)
    assert (shown.taste.bpm_min, shown.taste.bpm_max) == (80, 120)
    assert shown.taste.negative_prompts == ("heavy drums", "screams")
    await set_preferences(ANN, PreferenceChanges(genres=(), avoid=""), deps=deps)
    cleared = (await show_listener(ANN, deps=deps)).taste
    assert (cleared.fav_genres, cleared.negative_prompts) == ((), ())
    assert await locale_of_listener(ANN, deps=deps) == "zh"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (PreferenceChanges(genres=("x",) * 21), "too_many_words"),
        (PreferenceChanges(instruments=("x" * 61,)), "word_too_long"),
        (PreferenceChanges(avoid="x" * 501), "avoid_too_long"),
        (PreferenceChanges(bpm=(120, 80)), "bad_bpm"),
        (PreferenceChanges(bpm=(39, 80)), "bad_bpm"),
        (PreferenceChanges(bpm=(80, 221)), "bad_bpm"),
        (PreferenceChanges(locale="xx"), "unknown_locale"),
    ],
)
async def test_limits(deps: Deps, wanted: PreferenceChanges, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await set_preferences(ANN, wanted, deps=deps)
    assert refused.value.code == code
    with pytest.raises(UnknownListener):
        await show_listener(ANN, deps=deps)


async def test_strangers_are_unknown_and_stay_so(deps: Deps) -> None:
    with pytest.raises(UnknownListener):
        await show_listener(BOB, deps=deps)
    with pytest.raises(UnknownListener):
        await past_songs(BOB, deps=deps)
    assert await locale_of_listener(BOB, deps=deps) == "en"
    assert await deps.commit(lambda unit: unit.users.find(BOB.platform, BOB.account_id)) is None
