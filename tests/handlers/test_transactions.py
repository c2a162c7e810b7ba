"""A unit of work that somebody cancels ends cancelled, whatever the driver makes of it."""

from __future__ import annotations

import asyncio

import pytest

from handlers.deps import Deps
from storage.unit_of_work import UnitOfWork
from tests.storage import databases

pytestmark = pytest.mark.parametrize("migrated", databases.PARAMS[1:], indirect=True)


async def test_a_cancelled_unit_is_not_tried_again(deps: Deps) -> None:
    for steps in range(0, 60, 3):  # the cancellation meets another line of the driver each time
        tries = 0

        async def work(unit: UnitOfWork) -> None:
            nonlocal tries
            tries += 1
            for _ in range(100):  # some statement is always on its way
                await unit.song_queries.waiting()

        task = asyncio.create_task(deps.commit(work))
        while tries == 0:  # noqa: ASYNC110  (as often as the loop turns)
            await asyncio.sleep(0)
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=30)
        assert (steps, tries, task.done() and task.cancelled()) == (steps, 1, True)
