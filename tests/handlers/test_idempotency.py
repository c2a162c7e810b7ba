"""The same event is handled once."""

from __future__ import annotations

import asyncio

from handlers.idempotency import mark_seen
from tests.handlers.world import PLATFORM, World


async def test_an_update_is_seen_once_and_forgotten_after_a_week(world: World) -> None:
    from handlers.jobs.sweeper import sweep

    seen = await asyncio.gather(*(mark_seen(PLATFORM, "update 5", deps=world.deps) for _ in range(5)))
    assert sorted(seen) == [False, True, True, True, True]
    assert not await mark_seen("other", "update 5", deps=world.deps)
    assert not await mark_seen(PLATFORM, "x" * 500, deps=world.deps)
    assert await mark_seen(PLATFORM, "x" * 500, deps=world.deps)
    world.clock.forward(8 * 86_400)
    await sweep(deps=world.deps)
    assert not await mark_seen(PLATFORM, "update 5", deps=world.deps)
