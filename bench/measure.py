"""How bench takes times: one row per figure, medians of several runs, ratios within the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured figure; `goal` is the most it should be, or the least where `at_least`."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def median_ms(work: Callable[[], object], *, runs: int, warm: int = 1) -> float:
    """Time blocking work; the warm-up runs do not count."""
    for _ in range(warm):
        work()
    return statistics.median(_once_ms(work) for _ in range(runs))


async def median_ms_async(work: Callable[[], Awaitable[object]], *, runs: int, warm: int = 1) -> float:
    for _ in range(warm):
        await work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        await work()
        times.append(_since_ms(started))
    return statistics.median(times)


async def medians_in_turn_ms(*works: Callable[[], Awaitable[object]], runs: int, warm: int = 1) -> list[float]:
    """Time works that are to be compared, one run of each after the other: a busy minute then strikes them all."""
    times: list[list[float]] = [[] for _ in works]
    for run in range(warm + runs):
        for taken, work in zip(times, works, strict=True):
            started = time.perf_counter()
            await work()
            if run >= warm:
                taken.append(_since_ms(started))
    return [statistics.median(taken) for taken in times]


def percentile(values: list[float], share: float) -> float:
    """Give the value below which `share` of all lie."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def _once_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return _since_ms(started)


def _since_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
