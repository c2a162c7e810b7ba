"""How many songs at once and in a day."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handlers.errors import Refused
from handlers.responses import refusal
from tests.handlers.world import BOB, World


async def test_three_in_work_is_the_most_also_when_ten_come_at_once(world: World) -> None:
    results = await asyncio.gather(*(world.selfie() for _ in range(10)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 7
    assert {error.code for error in refused} == {"too_many_in_work"}
    assert "3 songs" in refusal("en", refused[0]).text
    await world.selfie(BOB)


async def test_thirty_a_day_and_when_the_next_may_begin(world: World) -> None:
    world.deps = replace(world.deps, limits=replace(world.deps.limits, songs_in_work=99, songs_per_day=2))
    await world.selfie()
    world.clock.forward(3600)
    await world.selfie()
    with pytest.raises(Refused) as caught:
        await world.selfie()
    assert caught.value.facts["wait"] == 23 * 60
    assert "23 hours" in refusal("en", caught.value).text
    world.clock.forward(23 * 3600 + 1)
    await world.selfie()
