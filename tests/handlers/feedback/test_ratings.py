"""Score and comment."""

from __future__ import annotations

from handlers.feedback.ratings import rate
from handlers.feedback.vote_counts import due_counts
from tests.handlers.world import BOB, HERE, PLATFORM, THERE, World


async def test_rating_keeps_score_and_comment(world: World) -> None:
    song_id = await world.finished()
    reply = await rate(song_id, BOB, 5, "lovely", deps=world.deps, origin=HERE)
    assert "5 of 5" in reply.text
    assert await due_counts(PLATFORM, deps=world.deps) == []  # the buttons stay as they are
    assert "between" in (await rate(song_id, BOB, 9, None, deps=world.deps, origin=HERE)).text
    assert "characters" in (await rate(song_id, BOB, None, "x" * 501, deps=world.deps, origin=HERE)).text
    assert "no song" in (await rate(song_id, BOB, 5, None, deps=world.deps, origin=THERE)).text
