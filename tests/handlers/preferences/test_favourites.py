"""/genres: by words and by toggles."""

from __future__ import annotations

from handlers.commands.buttons import press_button
from handlers.commands.parsing import typed_arguments
from tests.handlers.world import ANN, HERE, World, run, said, typed


async def test_favourites_are_added_toggled_and_removed(world: World) -> None:
    await run(world, "genres", action="add", words="Jazz、lo-fi")
    assert "Jazz, lo-fi" in said(await run(world, "genres"))
    assert "Jazz, lo-fi" in said(await run(world, "genres", action="add", words="爵士, lofi"))  # the same two
    switched = await press_button("1:toggle:0:g.lofi", ANN, deps=world.deps, origin=HERE)
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
