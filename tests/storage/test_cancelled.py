"""A cancelled task ends as cancelled, wherever in the database it was; else whoever retries would go on for ever."""

from __future__ import annotations

import asyncio

from storage.unit_of_work import UnitOfWorkFactory


async def test_cancelling_is_not_taken_for_a_lost_database(begin: UnitOfWorkFactory) -> None:
    async def look() -> None:
        # aiomysql may swallow a cancel; like handlers.transactions, whoever goes on asks whether there was one.
        me = asyncio.current_task()
        while me is not None and not me.cancelling():
            async with begin(reading=True) as unit:
                await unit.songs.get(1)
        raise asyncio.CancelledError

    for turns in range(60):  # so many turns of the loop into the work, to meet each of its steps
        task = asyncio.create_task(look())
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0005 * (turns % 7))
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
