"""Votes: who may, what replaces what, and how they shape the listener's taste."""

from __future__ import annotations

import pytest

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Sender, VoteCast
from handlers.feedback.votes import Votes, cast_vote
from handlers.library.story import past_songs
from handlers.preferences.store import show_listener
from pipeline.values import PastVote
from storage.song_states import SongState
from tests.handlers.conftest import ANN, BOB
from tests.handlers.planned_songs import planned, row, selfie


async def test_a_second_vote_replaces_the_first(deps: Deps) -> None:
    song_id = await planned(deps, to=SongState.DELIVERED)
    assert await cast_vote(VoteCast(ANN, song_id, "up"), deps=deps) == Votes(1, 0)
    assert await cast_vote(VoteCast(ANN, song_id, "down"), deps=deps) == Votes(0, 1)
    assert await cast_vote(VoteCast(BOB, song_id, "up"), deps=deps) == Votes(1, 1)


async def test_a_comment_leaves_the_vote_and_the_score(deps: Deps) -> None:
    song_id = await planned(deps, to=SongState.DELIVERED)
    await cast_vote(VoteCast(ANN, song_id, "up", score=5), deps=deps)
    await cast_vote(VoteCast(ANN, song_id, comment="好听 🎶"), deps=deps)
    (song,) = await past_songs(ANN, deps=deps)
    assert (song.vote, song.score, song.comment, song.up, song.down) == ("up", 5, "好听 🎶", 1, 0)


async def test_taste_follows_votes(deps: Deps) -> None:
    liked = await planned(deps, mood="happy", to=SongState.DELIVERED)
    disliked = await planned(deps, mood="sad", to=SongState.DELIVERED)
    await cast_vote(VoteCast(ANN, liked, "up"), deps=deps)
    await cast_vote(VoteCast(ANN, disliked, score=0), deps=deps)
    taste = (await show_listener(ANN, deps=deps)).taste
    happy, sad = await row(deps, liked), await row(deps, disliked)
    wanted = {PastVote(happy.genre or "", "happy", "up"), PastVote(sad.genre or "", "sad", "down")}
    assert set(taste.votes) == wanted
    assert [song.mood for song in taste.songs] == ["sad", "happy"]
    await cast_vote(VoteCast(ANN, liked, "down"), deps=deps)
    changed = (await show_listener(ANN, deps=deps)).taste
    assert PastVote(happy.genre or "", "happy", "down") in changed.votes
    assert len(changed.votes) == 2


async def test_a_middling_score_says_nothing_about_taste(deps: Deps) -> None:
    song_id = await planned(deps, to=SongState.DELIVERED)
    await cast_vote(VoteCast(ANN, song_id, score=3), deps=deps)
    assert (await show_listener(ANN, deps=deps)).taste.votes == ()


@pytest.mark.parametrize("status", [SongState.QUEUED, SongState.FAILED, SongState.CANCELLED])
async def test_songs_that_nobody_heard_cannot_be_judged(deps: Deps, status: SongState) -> None:
    song_id = await planned(deps, to=status)
    with pytest.raises(Refused) as refused:
        await cast_vote(VoteCast(ANN, song_id, "up"), deps=deps)
    assert refused.value.code == "unknown_song"


async def test_no_song_no_vote_no_new_user(deps: Deps) -> None:
    with pytest.raises(Refused) as refused:
        await cast_vote(VoteCast(BOB, 2**62, "up"), deps=deps)
    assert refused.value.code == "unknown_song"
    assert await deps.commit(lambda unit: unit.users.find(BOB.platform, BOB.account_id)) is None


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (VoteCast(ANN, 1, score=6), "bad_score"),
        (VoteCast(ANN, 1, score=-1), "bad_score"),
        (VoteCast(ANN, 1, comment="x" * 501), "comment_too_long"),
    ],
)
async def test_limits(deps: Deps, event: VoteCast, code: str) -> None:
    await selfie(deps)
    with pytest.raises(Refused) as refused:
        await cast_vote(event, deps=deps)
    assert refused.value.code == code


async def test_the_same_account_elsewhere_is_somebody_else(deps: Deps) -> None:
    song_id = await planned(deps, to=SongState.DELIVERED)
    await cast_vote(VoteCast(ANN, song_id, "up"), deps=deps)
    twin = Sender("discord", ANN.account_id, ANN.username)
    assert await cast_vote(VoteCast(twin, song_id, "up"), deps=deps) == Votes(2, 0)
