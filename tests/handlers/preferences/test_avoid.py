"""/avoid: by words and by buttons."""

from __future__ import annotations

from handlers.commands.dispatch import run_command
from tests.handlers.commands.test_menus import said
from tests.handlers.world import ANN, HERE, World, menu, pressed


async def test_what_to_avoid_is_switched_beside_what_was_typed(world: World) -> None:
    await menu(world, "avoid", "screams, Brass")
    assert "1:avoid:0:electric_guitar" in await menu(world, "avoid")
    switched = await pressed(world, "1:avoid:0:electric_guitar")
    assert switched.edit
    assert said(switched).endswith(": screams, Brass, electric guitar")
    assert said(await pressed(world, "1:avoid:0:brass")).endswith(": screams, electric guitar")
    await pressed(world, "1:avoid:0:electric_guitar")
    await menu(world, "avoid", "clear")
    assert "nothing out" in said(await run_command("avoid", {}, ANN, deps=world.deps, origin=HERE))
    assert "another time" in said(await pressed(world, "1:avoid:0:screams"))
