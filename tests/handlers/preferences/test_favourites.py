"""/genres and /instruments: by words and by buttons."""

from __future__ import annotations

import pytest

from handlers.button_actions import slug
from handlers.commands.parsing import typed_arguments
from handlers.preferences.favourites import Field, known_names
from tests.handlers.world import World, menu, pressed, run, said, tokens, typed


async def test_favourites_are_added_switched_and_removed(world: World) -> None:
    await run(world, "genres", action="add", words="Jazz、lo-fi")
    assert "Jazz, lo-fi" in said(await run(world, "genres"))
    assert "Jazz, lo-fi" in said(await run(world, "genres", action="add", words="爵士, lofi"))  # the same two
    switched = await pressed(world, "1:genre:0:lofi")
    assert switched.edit
    assert said(switched).endswith(": Jazz")
    for row in switched.reply.buttons if switched.reply else ():
        assert len(row) <= 5
    assert "80 to 120" in said(await typed(world, "tempo", "80-120"))
    assert "between" in said(await run(world, "tempo", action="set", min="500", max="1"))
    assert "any tempo" in said(await run(world, "tempo", action="clear"))
    assert "heavy drums" in said(await typed(world, "avoid", "heavy drums"))
    profile = said(await typed(world, "profile", "set age 30 notes rainy evenings"))
    assert "Age: 30" in profile
    assert "rainy evenings" in profile
    assert typed_arguments("genres", "add jazz, lo-fi") == {"action": "add", "words": "jazz, lo-fi"}
    assert typed_arguments("mood", "happy it rains") == {"label": "happy", "note": "it rains"}
    assert typed_arguments("history", "") == {}


async def test_a_menu_of_an_older_version_switches_the_same(world: World) -> None:
    assert said(await pressed(world, "1:toggle:0:i.piano")).endswith(": piano")
    switched = await pressed(world, "1:toggle:0:g.lofi")
    assert switched.reply is not None
    assert "✓ lofi" in [button.label for row in switched.reply.buttons for button in row]
    assert said(await pressed(world, "1:genre:0:lofi")) == said(await run(world, "genres"))


@pytest.mark.parametrize(("command", "switch"), [("genres", "genre"), ("instruments", "instrument")])
async def test_pages_lead_through_every_name(world: World, command: Field, switch: str) -> None:
    offered, token = await menu(world, command), f"1:{command}:0:0"
    seen: list[str] = []
    while not set(seen) & set(offered):
        seen += [each for each in offered if each.startswith(f"1:{switch}:")]
        token = offered[-1]
        turned = await pressed(world, token)
        assert turned.edit
        assert turned.reply is not None
        offered = tokens(turned.reply.buttons)
        assert len(offered) == len(set(offered))  # Discord refuses a message of which two buttons have one custom id
    assert token == f"1:{command}:0:0"
    assert len(seen) == len(set(seen)) == len(known_names(command))
    for stale in ("", "x", "100", "-1"):
        assert "another time" in said(await pressed(world, f"1:{command}:0:{stale}"))


async def test_a_switch_shows_the_page_where_its_name_stands(world: World) -> None:
    token = f"1:genre:0:{slug(known_names('genres')[-1])}"
    switched = await pressed(world, token)
    assert switched.reply is not None
    assert token in tokens(switched.reply.buttons)
