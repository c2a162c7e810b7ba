"""Named values."""

from __future__ import annotations

import asyncio

from handlers.key_values import recall, remember
from tests.handlers.world import World


async def test_named_values_are_replaced(world: World) -> None:
    assert await recall("tree", deps=world.deps) is None
    await asyncio.gather(*(remember("tree", "a", deps=world.deps) for _ in range(3)))
    await remember("tree", "b", deps=world.deps)
    assert await recall("tree", deps=world.deps) == "b"
