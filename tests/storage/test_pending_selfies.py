"""Pending selfies: one an account, the last one, until it is taken, erased or too old."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from storage.unit_of_work import UnitOfWorkFactory

DAY = timedelta(days=1)


async def keep(begin: UnitOfWorkFactory, account: str, payload: str, since: datetime) -> None:
    async with begin() as uow:
        await uow.pending_selfies.set("paper", account, payload, since=since)
        await uow.commit()


async def kept(begin: UnitOfWorkFactory, account: str, platform: str = "paper") -> str | None:
    async with begin(reading=True) as uow:
        return await uow.pending_selfies.get(platform, account)


async def test_an_accounts_last_selfie_is_kept(begin: UnitOfWorkFactory, now: datetime) -> None:
    await keep(begin, "ann", "beach 🏖", now)
    await keep(begin, "ANN", "other case", now)
    await keep(begin, "ann", "pier 🎡", now + DAY)
    assert (await kept(begin, "ann"), await kept(begin, "ANN")) == ("pier 🎡", "other case")
    assert await kept(begin, "ann", "other") is None
    async with begin() as uow:
        await uow.pending_selfies.forget("paper", "ann")
        await uow.commit()
    assert (await kept(begin, "ann"), await kept(begin, "ANN")) == (None, "other case")


async def test_of_several_at_once_one_is_kept(begin: UnitOfWorkFactory, now: datetime) -> None:
    await asyncio.gather(*(keep(begin, "ann", str(number), now) for number in range(5)))
    assert await kept(begin, "ann") in set("01234")


async def test_the_old_ones_are_forgotten_by_when_the_last_came(begin: UnitOfWorkFactory, now: datetime) -> None:
    await keep(begin, "ann", "old", now)
    await keep(begin, "bob", "old", now)
    await keep(begin, "bob", "new", now + DAY)
    async with begin() as uow:
        await uow.pending_selfies.prune(before=now + DAY)
        await uow.commit()
    assert (await kept(begin, "ann"), await kept(begin, "bob")) == (None, "new")
