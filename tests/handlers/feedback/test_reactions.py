"""Native reactions are the same vote."""

from __future__ import annotations

from handlers.feedback.reactions import count_reaction
from tests.handlers.feedback.test_vote_buttons import votes
from tests.handlers.world import BOB, World


async def test_reactions_are_the_same_vote(world: World) -> None:
    song_id = await world.finished()
    assert await count_reaction(BOB, "message-0", "👍🏽", added=True, deps=world.deps)
    assert await count_reaction(BOB, "message-0", "👎", added=True, deps=world.deps)
    assert await votes(world, song_id) == (0, 1)
    assert await count_reaction(BOB, "message-0", "👍", added=False, deps=world.deps)
    assert await votes(world, song_id) == (0, 1)
    assert await count_reaction(BOB, "message-0", "👎", added=False, deps=world.deps)
    assert await votes(world, song_id) == (0, 0)
    assert not await count_reaction(BOB, "message-0", "🎉", added=True, deps=world.deps)
    assert not await count_reaction(BOB, "message-9", "👍", added=True, deps=world.deps)
