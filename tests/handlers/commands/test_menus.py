"""Commands without arguments are menus: what can be chosen stands on buttons, and a press does what typing would."""

from __future__ import annotations

import pytest

from handlers.button_actions import MAX_BYTES
from handlers.commands.dispatch import run_command
from handlers.responses import Response
from storage.song_states import SongState
from tests.handlers.world import ANN, HERE, World, menu, pressed


def said(answer: Response) -> str:
    assert answer.reply is not None
    return answer.reply.text


WITH_A_CHOICE = (
    *("mood", "genres", "instruments", "tempo", "avoid", "profile", "language", "history", "show", "again"),
    *("queue", "cancel", "privacy"),
)


@pytest.mark.parametrize("name", WITH_A_CHOICE)
async def test_every_command_that_has_a_choice_offers_it(world: World, name: str) -> None:
    for _ in range(6):
        await world.finished()
    await world.selfie()
    await world.selfie()
    await run_command("profile", {"action": "set", "age": "30"}, ANN, deps=world.deps, origin=HERE)
    offered = await menu(world, name)
    assert offered
    assert max(len(token.encode()) for token in offered) <= MAX_BYTES


async def test_a_mood_from_the_menu_begins_one_song_however_often_the_press_comes(world: World) -> None:
    offered = await menu(world, "mood")
    assert len(offered) == 7
    first = await pressed(world, "1:mood:0:sad")
    again = await pressed(world, "1:mood:0:sad")
    assert first.edit
    assert first.song_id == again.song_id
    assert first.song_id is not None
    options = (await world.song(first.song_id)).options
    assert options
    assert (options["mood"], options["live"]) == ("sad", True)
    assert await world.status(first.song_id) == SongState.RECEIVED
    assert "sad" in said(first)
