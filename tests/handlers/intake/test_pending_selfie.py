"""Selfies that wait for Accept: remembered by their address, forgotten when taken, erased or a day old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.account.erase import erase
from handlers.deps import Deps
from handlers.events import Sender
from handlers.intake.pending_selfie import PendingSelfie, get_pending_selfie, keep_pending_selfie
from handlers.intake.ports import Attachment
from handlers.jobs.sweeper import sweep

ANN = Sender("discord", "1" * 19, "ann")


class LateClock:
    """A clock that is ahead."""

    def __init__(self, deps: Deps, ahead: timedelta) -> None:
        self._clock, self._ahead = deps.clock, ahead

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def selfie(deps: Deps) -> PendingSelfie:
    picture, melody = Attachment("http://x/me.jpg", 5), Attachment("http://x/hum.ogg", 7, 4.5)
    return PendingSelfie((picture,), {"place": "dm:1"}, "77", "beach 🏖", melody, deps.clock.now())


async def test_the_last_selfie_waits_until_it_is_erased(deps: Deps) -> None:
    assert await get_pending_selfie(ANN, deps=deps) is None
    await keep_pending_selfie(ANN, selfie(deps), deps=deps)
    later = replace(selfie(deps), key="78")
    await keep_pending_selfie(ANN, later, deps=deps)
    assert await get_pending_selfie(ANN, deps=deps) == later
    await erase(ANN, deps=deps)
    assert await get_pending_selfie(ANN, deps=deps) is None


async def test_after_a_day_it_is_forgotten(deps: Deps) -> None:
    await keep_pending_selfie(ANN, selfie(deps), deps=deps)
    await sweep(deps=deps)
    assert await get_pending_selfie(ANN, deps=deps) is not None
    await sweep(deps=replace(deps, clock=LateClock(deps, timedelta(hours=25))))
    assert await get_pending_selfie(ANN, deps=deps) is None
