"""Named values."""

from __future__ import annotations

import asyncio

from handlers.key_values import recall, remember
from tests.handlers.world import World


async def test_named_values_are_replaced(world: World) -> None:
    assert await recall("tree", desk=world.desk) is None
    await asyncio.gather(*(remember("tree", "a", desk=world.desk) for _ in range(3)))
    await remember("tree", "b", desk=world.desk)
    assert await recall("tree", desk=world.desk) == "b"
