"""Named values."""

from __future__ import annotations

import asyncio

from handlers.key_values import get_value, set_value
from tests.handlers.world import World


async def test_named_values_are_replaced(world: World) -> None:
    assert await get_value("tree", deps=world.deps) is None
    await asyncio.gather(*(set_value("tree", "a", deps=world.deps) for _ in range(3)))
    await set_value("tree", "b", deps=world.deps)
    assert await get_value("tree", deps=world.deps) == "b"
