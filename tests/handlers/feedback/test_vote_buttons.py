"""👍 and 👎 as buttons: toggled, changed, counted once a person."""

from __future__ import annotations

import asyncio

from handlers.commands.buttons import press_button
from handlers.events import Sender
from handlers.feedback.vote_counts import counts_shown, due_counts
from tests.handlers.world import ANN, BOB, HERE, PLATFORM, World


async def votes(world: World, song_id: int) -> tuple[int, int]:
    return await world.deps.read(lambda unit: unit.votes.counts(song_id))


async def test_votes_toggle_change_and_follow_on_the_buttons(world: World) -> None:
    song_id = await world.finished()
    up, down = f"1:vote:{song_id}:up", f"1:vote:{song_id}:down"
    answer = await press_button(up, ANN, deps=world.deps, origin=HERE)
    assert answer.buttons is not None
    assert answer.buttons[0][0].label == "👍 1"
    await press_button(up, ANN, deps=world.deps, origin=HERE)
    assert await votes(world, song_id) == (1, 0)  # a double click
    await press_button(down, BOB, deps=world.deps, origin=HERE)
    (due,) = await due_counts(PLATFORM, deps=world.deps)
    assert (due.up, due.down, due.message_ref["key"]) == (1, 1, "message-0")
    assert await due_counts(PLATFORM, deps=world.deps) == []
    world.clock.forward(2)
    await press_button(up, ANN, deps=world.deps, origin=HERE)
    assert await votes(world, song_id) == (0, 1)
    await counts_shown(due, deps=world.deps)  # shows what is no longer true
    world.clock.forward(3)
    (due,) = await due_counts(PLATFORM, deps=world.deps)
    await counts_shown(due, deps=world.deps)
    world.clock.forward(30)
    assert await due_counts(PLATFORM, deps=world.deps) == []


async def test_a_hundred_presses_at_once_are_one_vote_a_person(world: World) -> None:
    song_id = await world.finished()
    people = [Sender(PLATFORM, str(n), f"P{n}") for n in range(6)]
    presses = [
        press_button(f"1:vote:{song_id}:up", who, deps=world.deps, origin=HERE) for who in people for _ in range(3)
    ]
    await asyncio.gather(*presses)
    assert await votes(world, song_id) == (6, 0)
