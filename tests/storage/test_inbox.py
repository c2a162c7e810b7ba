"""The inbox: an event stands there once, in its order, until it is handled, erased or too old."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from storage.repositories.messages.inbox import InboxRow, NewEvent
from storage.unit_of_work import UnitOfWorkFactory

MINUTE = timedelta(minutes=1)


async def add(
    begin: UnitOfWorkFactory,
    event: str,
    order: str,
    now: datetime,
    *,
    platform: str = "paper",
    account: str | None = None,
    payload: str = "{}",
) -> bool:
    async with begin() as uow:
        stored = NewEvent(event_key=event, order_key=order, account_id=account or order, payload=payload)
        new = await uow.inbox.add(platform, stored, now=now)
        await uow.commit()
    return new


async def oldest(begin: UnitOfWorkFactory, *busy: str, limit: int = 10) -> list[InboxRow]:
    async with begin(reading=True) as uow:
        return await uow.inbox.oldest("paper", busy=busy, limit=limit)


async def remove(begin: UnitOfWorkFactory, *ids: int) -> None:
    async with begin() as uow:
        await uow.inbox.remove(ids)
        await uow.commit()


async def test_each_order_key_gives_its_oldest_event_unless_it_is_busy(begin: UnitOfWorkFactory, now: datetime) -> None:
    for event, order in (("1", "ann"), ("2", "ann"), ("3", "bob"), ("4", "ANN"), ("5", "bob")):
        assert await add(begin, event, order, now, payload=event)
    await add(begin, "1", "ann", now, platform="other")
    first, bob, other_case = await oldest(begin)
    assert [(row.order_key, row.payload) for row in (first, bob, other_case)] == [
        ("ann", "1"),
        ("bob", "3"),
        ("ANN", "4"),
    ]
    assert await oldest(begin, limit=2) == [first, bob]
    assert await oldest(begin, "ann", "ANN") == [bob]
    await remove(begin, first.id, bob.id)
    assert [row.payload for row in await oldest(begin)] == ["2", "4", "5"]
    await remove(begin)
    assert len(await oldest(begin)) == 3


async def test_an_event_that_comes_twice_is_stored_once(begin: UnitOfWorkFactory, now: datetime) -> None:
    stored = await asyncio.gather(*(add(begin, "1", "ann", now, payload=str(n)) for n in range(5)))
    assert sorted(stored) == [False] * 4 + [True]
    assert not await add(begin, "1", "bob", now)
    assert await add(begin, "1", "ann", now, platform="other")
    assert len(await oldest(begin)) == 1


async def test_a_known_event_does_not_keep_new_ones_of_its_unit_out(begin: UnitOfWorkFactory, now: datetime) -> None:
    await add(begin, "2", "bob", now)
    async with begin() as uow:
        for event in "123":
            stored = NewEvent(event_key=event, order_key=event, account_id=None, payload="{}")
            await uow.inbox.add("paper", stored, now=now)
        await uow.commit()
    assert [row.order_key for row in await oldest(begin)] == ["bob", "1", "3"]


async def test_a_payload_may_be_longer_than_mysqls_text(begin: UnitOfWorkFactory, now: datetime) -> None:
    payload = "x" * 1_000_000
    await add(begin, "1", "ann", now, payload=payload)
    (row,) = await oldest(begin)
    assert row.payload == payload


async def test_an_account_is_forgotten_up_to_a_moment_and_everybody_after_a_while(
    begin: UnitOfWorkFactory, now: datetime
) -> None:
    await add(begin, "1", "ann", now)
    await add(begin, "2", "album", now, account="ann")
    await add(begin, "3", "bob", now)
    await add(begin, "4", "ann", now + MINUTE)
    await add(begin, "5", "ann", now, platform="other")
    async with begin() as uow:
        await uow.inbox.forget("paper", "ann", before=now + MINUTE)
        await uow.commit()
    assert [row.order_key for row in await oldest(begin)] == ["bob", "ann"]
    async with begin() as uow:
        await uow.inbox.prune(before=now + MINUTE)
        await uow.commit()
    assert [row.order_key for row in await oldest(begin)] == ["ann"]
    async with begin(reading=True) as uow:
        assert not await uow.inbox.oldest("other", busy=(), limit=10)
