"""The inbox: an event stands there once, in its order, until it is handled, erased or too old."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from storage.errors import Conflict
from storage.repositories.messages.inbox import InboxRow, NewEvent
from storage.unit_of_work import UnitOfWorkFactory

MINUTE = timedelta(minutes=1)


async def add(
    begin: UnitOfWorkFactory,
    *events: tuple[str, str],
    now: datetime,
    platform: str = "paper",
    account: str | None = None,
) -> None:
    """Store events, each a key and its order key; the payload is the key."""
    new = [NewEvent(event_key=key, order_key=order, account_id=account or order, payload=key) for key, order in events]
    async with begin() as uow:
        await uow.inbox.add(platform, new, now=now)
        await uow.commit()


async def oldest(begin: UnitOfWorkFactory, *busy: str, limit: int = 10) -> list[InboxRow]:
    async with begin(reading=True) as uow:
        return await uow.inbox.oldest("paper", busy=busy, limit=limit)


async def remove(begin: UnitOfWorkFactory, *ids: int) -> None:
    async with begin() as uow:
        await uow.inbox.remove(ids)
        await uow.commit()


async def test_each_order_key_gives_its_oldest_event_unless_it_is_busy(begin: UnitOfWorkFactory, now: datetime) -> None:
    await add(begin, ("1", "ann"), ("2", "ann"), ("3", "bob"), now=now)
    await add(begin, ("4", "ANN"), ("5", "bob"), now=now)
    await add(begin, ("1", "ann"), now=now, platform="other")
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


async def test_an_event_that_comes_again_is_stored_once_and_keeps_no_other_out(
    begin: UnitOfWorkFactory, now: datetime
) -> None:
    await add(begin, ("2", "bob"), now=now)
    await add(begin, ("1", "ann"), ("2", "another"), ("3", "cleo"), ("3", "cleo"), now=now)
    await add(begin, ("2", "bob"), now=now)
    await add(begin, ("2", "bob"), now=now, platform="other")
    assert [(row.order_key, row.payload) for row in await oldest(begin)] == [("bob", "2"), ("ann", "1"), ("cleo", "3")]


async def test_of_two_who_store_an_event_at_the_same_time_one_is_first(begin: UnitOfWorkFactory, now: datetime) -> None:
    async def store(number: int) -> bool:
        try:
            await add(begin, ("1", "ann"), (f"of {number}", f"of {number}"), now=now)
        except Conflict:
            return False
        return True

    stored = await asyncio.gather(*(store(number) for number in range(5)))
    assert any(stored)
    assert len(await oldest(begin)) == 1 + sum(stored)  # who was not first has stored nothing and may try again


async def test_a_payload_may_be_longer_than_mysqls_text(begin: UnitOfWorkFactory, now: datetime) -> None:
    payload = "x" * 1_000_000
    async with begin() as uow:
        event = NewEvent(event_key="1", order_key="1", account_id=None, payload=payload)
        await uow.inbox.add("paper", [event], now=now)
        await uow.commit()
    (row,) = await oldest(begin)
    assert row.payload == payload


async def test_an_account_is_forgotten_up_to_a_moment_and_everybody_after_a_while(
    begin: UnitOfWorkFactory, now: datetime
) -> None:
    await add(begin, ("1", "ann"), ("3", "bob"), now=now)
    await add(begin, ("2", "part of an album"), now=now, account="ann")
    await add(begin, ("4", "ann"), now=now + MINUTE)
    await add(begin, ("5", "ann"), now=now, platform="other")
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
