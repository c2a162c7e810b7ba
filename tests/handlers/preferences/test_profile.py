"""/profile: each part can be forgotten."""

from __future__ import annotations

from tests.handlers.commands.test_menus import said
from tests.handlers.world import World, menu, pressed


async def test_each_part_of_the_profile_can_be_forgotten(world: World) -> None:
    assert await menu(world, "profile") == []
    told = await menu(world, "profile", "set age 30 gender woman notes rainy evenings")
    assert told == ["1:forget:0:age", "1:forget:0:gender", "1:forget:0:notes"]
    left = await pressed(world, "1:forget:0:gender")
    assert left.edit
    assert "woman" not in said(left)
    assert "rainy evenings" in said(left)
    assert "another time" in said(await pressed(world, "1:forget:0:name"))
