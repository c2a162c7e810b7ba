"""Commands without arguments are menus: what can be chosen stands on buttons, and a press does what typing would."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from handlers.command_table import typed_arguments
from handlers.commands import run_command
from handlers.pressing import press
from handlers.replies import Answer
from handlers.tokens import MAX_BYTES
from storage.song_states import State
from tests.handlers.chat.world import ANN, BOB, HERE, World, tokens


async def menu(world: World, name: str, typed: str = "") -> list[str]:
    """Type a command; give the tokens of its buttons."""
    answer = await run_command(name, typed_arguments(name, typed), ANN, desk=world.desk, origin=HERE)
    assert answer.reply is not None
    return tokens(answer.reply.buttons)


async def pressed(world: World, token: str, *, key: str = "press-1") -> Answer:
    return await press(token, ANN, desk=world.desk, origin=replace(HERE, key=key))


def said(answer: Answer) -> str:
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
    await run_command("profile", {"action": "set", "age": "30"}, ANN, desk=world.desk, origin=HERE)
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
    wish = (await world.song(first.song_id)).wish
    assert wish
    assert (wish["mood"], wish["live"]) == ("sad", True)
    assert await world.status(first.song_id) == State.RECEIVED
    assert "sad" in said(first)


async def test_what_to_avoid_is_toggled_beside_what_was_typed(world: World) -> None:
    await menu(world, "avoid", "screams, Brass")
    assert "1:toggle:0:a.electric_guitar" in await menu(world, "avoid")
    switched = await pressed(world, "1:toggle:0:a.electric_guitar")
    assert switched.edit
    assert said(switched).endswith(": screams, Brass, electric guitar")
    assert said(await pressed(world, "1:toggle:0:a.brass")).endswith(": screams, electric guitar")
    await pressed(world, "1:toggle:0:a.electric_guitar")
    await menu(world, "avoid", "clear")
    assert "nothing out" in said(await run_command("avoid", {}, ANN, desk=world.desk, origin=HERE))
    assert "another time" in said(await pressed(world, "1:toggle:0:a.screams"))


async def test_each_part_of_the_profile_can_be_forgotten(world: World) -> None:
    assert await menu(world, "profile") == []
    told = await menu(world, "profile", "set age 30 gender woman notes rainy evenings")
    assert told == ["1:toggle:0:p.age", "1:toggle:0:p.gender", "1:toggle:0:p.notes"]
    left = await pressed(world, "1:toggle:0:p.gender")
    assert left.edit
    assert "woman" not in said(left)
    assert "rainy evenings" in said(left)
    assert "another time" in said(await pressed(world, "1:toggle:0:p.name"))


async def test_privacy_exports_and_asks_before_it_deletes(world: World) -> None:
    song_id = await world.finished()
    export, delete = await menu(world, "privacy")
    copy = await pressed(world, export)
    assert copy.reply is not None
    with zipfile.ZipFile(io.BytesIO(copy.reply.files[0].data)) as packed:
        assert f"songs/{song_id}.mp3" in packed.namelist()
    asked = await pressed(world, delete)
    assert asked.reply is not None
    assert tokens(asked.reply.buttons) == ["1:erase:0:yes", "1:erase:0:no"]
    assert await world.status(song_id) == State.DELIVERED


async def test_last_songs_are_offered_to_be_shown_or_taken_again(world: World) -> None:
    assert await menu(world, "show") == []
    song_id = await world.finished()
    await world.selfie()  # not there yet: nothing to show
    (show,), (again,) = await menu(world, "show"), await menu(world, "again")
    shown = await pressed(world, show)
    assert shown.reply is not None
    assert shown.reply.files[0].data.startswith(b"ID3")
    take = await pressed(world, again, key="press-2")
    assert take.song_id is not None
    assert (await world.song(take.song_id)).take_of == song_id
    foreign = await press(again, BOB, desk=world.desk, origin=HERE)
    assert "Only the person" in said(foreign)
