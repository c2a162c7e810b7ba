"""/extend begins a song from an earlier one's recipe, for its owner alone."""

from __future__ import annotations

import pytest

from handlers.commands.dispatch import run_command
from handlers.deps import Deps
from handlers.errors import Refused, UnknownSong
from handlers.events import Origin
from handlers.serialization import stored_plan
from handlers.songs.extend import extend_song
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork
from tests.handlers.conftest import ANN, BOB, NotedQueue
from tests.handlers.planned_songs import planned, row, selfie

HERE = Origin("here", {"place": "here"}, "event 1")


async def heard(deps: Deps, *, duration_s: float = 30.0) -> int:
    """A song that came out."""
    song_id = await planned(deps, to=SongState.DELIVERING)

    async def work(unit: UnitOfWork) -> bool:
        return await unit.songs.advance(
            song_id,
            lease=None,
            from_states=(SongState.DELIVERING,),
            to=SongState.DELIVERED,
            now=deps.clock.now(),
            audio_path="1/1/song.mp3",
            duration_sec=duration_s,
        )

    assert await deps.commit(work)
    return song_id


async def test_it_has_the_earlier_recipe_and_goes_on(deps: Deps, queue: NotedQueue) -> None:
    earlier = await heard(deps)
    song_id = await extend_song(earlier, ANN, HERE, deps=deps, seconds=20)
    assert await extend_song(earlier, ANN, HERE, deps=deps, seconds=20) == song_id
    assert queue.put_jobs[-1] == ("music", song_id, 0)
    song, first = await row(deps, song_id), stored_plan(await row(deps, earlier))
    plan = stored_plan(song)
    assert (song.status, song.take_of) == (SongState.QUEUED, earlier)
    assert (plan.params.extends, plan.params.duration_s) == (earlier, 50.0)
    assert (plan.genre, plan.mood, plan.brief.style) == (first.genre, first.mood, first.brief.style)
    assert plan.brief.sections[-1].end_s == 50.0
    assert plan.params.seed != first.params.seed
    assert await deps.read(lambda unit: unit.emotions.latest(song.session_id)) is not None


async def test_a_song_ends_at_two_minutes(deps: Deps) -> None:
    song_id = await extend_song(await heard(deps, duration_s=110.0), ANN, HERE, deps=deps)
    assert stored_plan(await row(deps, song_id)).params.duration_s == 120.0


@pytest.mark.parametrize(
    ("duration_s", "seconds", "code"),
    [(116.0, 30.0, "extend_full"), (30.0, 4.0, "bad_extension"), (30.0, float("nan"), "bad_extension")],
)
async def test_what_cannot_be_is_refused(deps: Deps, duration_s: float, seconds: float, code: str) -> None:
    earlier = await heard(deps, duration_s=duration_s)
    with pytest.raises(Refused) as refused:
        await extend_song(earlier, ANN, HERE, deps=deps, seconds=seconds)
    assert refused.value.code == code


async def test_only_its_owner_may_and_only_when_it_came_out(deps: Deps) -> None:
    earlier, unheard = await heard(deps), await selfie(deps)
    with pytest.raises(UnknownSong):
        await extend_song(earlier, BOB, HERE, deps=deps)
    with pytest.raises(Refused) as refused:
        await extend_song(unheard, ANN, HERE, deps=deps)
    assert refused.value.code == "extend_unheard"


async def test_the_command(deps: Deps) -> None:
    earlier = await heard(deps)
    answer = await run_command("extend", {"id": f"#{earlier}", "seconds": "10"}, ANN, deps=deps, origin=HERE)
    assert answer.song_id is not None
    assert stored_plan(await row(deps, answer.song_id)).params.duration_s == 40.0
    mistakes: dict[str, dict[str, str]] = {
        "Which song": {},
        "no song": {"id": "999999"},
        "5 to 115": {"id": str(earlier), "seconds": "1"},
    }
    for words, arguments in mistakes.items():
        refused = await run_command("extend", arguments, ANN, deps=deps, origin=HERE)
        assert refused.reply is not None
        assert words in refused.reply.text
