"""The same event is handled once."""

from __future__ import annotations

import asyncio

from handlers.idempotency import mark_seen
from handlers.jobs.sweeper import sweep
from storage.repositories.messages.inbox import NewEvent
from storage.unit_of_work import UnitOfWork
from tests.handlers.world import PLATFORM, World


async def test_an_update_is_seen_once_and_forgotten_after_a_week(world: World) -> None:
    seen = await asyncio.gather(*(mark_seen(PLATFORM, "update 5", deps=world.deps) for _ in range(5)))
    assert sorted(seen) == [False, True, True, True, True]
    assert not await mark_seen("other", "update 5", deps=world.deps)
    assert not await mark_seen(PLATFORM, "x" * 500, deps=world.deps)
    assert await mark_seen(PLATFORM, "x" * 500, deps=world.deps)
    world.clock.forward(8 * 86_400)
    await sweep(deps=world.deps)
    assert not await mark_seen(PLATFORM, "update 5", deps=world.deps)


async def test_an_event_that_nobody_handles_is_forgotten_with_its_key(world: World) -> None:
    async def store_event(unit: UnitOfWork) -> None:
        event = NewEvent(event_key="5", order_key="ann", account_id="ann", payload="{}")
        await unit.inbox.add(PLATFORM, [event], now=world.clock.now())

    async def stored() -> int:
        return len(await world.deps.read(lambda unit: unit.inbox.oldest(PLATFORM, busy=(), limit=9)))

    await world.deps.commit(store_event)
    world.clock.forward(6 * 86_400)
    await sweep(deps=world.deps)
    assert await stored() == 1
    world.clock.forward(2 * 86_400)
    await sweep(deps=world.deps)
    assert await stored() == 0
