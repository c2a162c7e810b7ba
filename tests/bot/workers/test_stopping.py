"""Stopping twice, and parts that break: nothing outlives its owner, and nobody is left without a worker."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import cast

import psutil
import pytest
from arq.typing import StartupShutdown
from arq.worker import Worker

from bot.cli.embedded_redis import stop
from bot.settings import Settings
from bot.wiring import open_process
from bot.workers.arq_worker import make_worker, working
from handlers.concurrency import run_until_first_exit
from handlers.ports import Queue


def _others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path})


async def test_a_worker_that_is_stopped_twice_waits_for_its_jobs(settings: Settings, redis_url: str) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def job(_: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:  # as a lease does that hands its song back
            await may_end.wait()
            ended.set()

    async def serving() -> None:
        async with working(partial(make_worker, "deliver", "test", job, process, max_jobs=1)):
            await asyncio.Event().wait()

    async with open_process(settings, redis_url) as process:
        before = _others()
        server = asyncio.create_task(serving())
        await process.deps.queue.put("deliver", 1, attempt=0, platform="test")
        await begun.wait()
        for _ in range(3):
            server.cancel()
            await asyncio.wait({server}, timeout=0.05)
            assert not server.done()
        may_end.set()
        await asyncio.wait({server})
        assert server.cancelled()
        assert ended.is_set()
        assert _others() == before


async def test_a_worker_that_breaks_is_started_anew(settings: Settings, redis_url: str) -> None:
    starts, worked = 0, asyncio.Event()

    async def job(_: int) -> None:
        worked.set()

    async def broken(_: object) -> None:
        raise RuntimeError("not what Redis raises")

    async with open_process(settings, redis_url) as process:

        def make() -> Worker:
            nonlocal starts
            starts += 1
            worker = make_worker("deliver", "test", job, process, max_jobs=1)
            worker.on_startup = cast("StartupShutdown", broken) if starts == 1 else None
            return worker

        async with working(make):
            await _put(process.deps.queue)
            await worked.wait()
    assert starts == 2


async def _put(queue: Queue) -> None:
    await queue.put("deliver", 1, attempt=0, platform="test")


async def test_works_side_by_side_end_before_who_runs_them() -> None:
    may_end, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            while not may_end.is_set():
                try:
                    await may_end.wait()
                except asyncio.CancelledError:  # as a database call that must not be broken off
                    continue
            ended.set()

    before = _others()
    both = asyncio.create_task(run_until_first_exit(slow(), asyncio.Event().wait()))
    for _ in range(3):
        await asyncio.wait({both}, timeout=0.05)
        both.cancel()
    await asyncio.wait({both}, timeout=0.05)
    assert not both.done()
    may_end.set()
    await asyncio.wait({both})
    assert both.cancelled()
    assert ended.is_set()
    assert _others() == before


@pytest.fixture
def stubborn(tmp_path: Path) -> list[str]:
    """A program that does not mind SIGTERM; it says when it is so far."""
    ready = tmp_path / "ready"
    code = f"import pathlib, signal; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch()"
    return [sys.executable, "-c", f"{code}; signal.pause()", str(ready)]


async def test_a_child_does_not_outlive_a_stop_that_is_cancelled(stubborn: list[str]) -> None:
    child = await asyncio.create_subprocess_exec(*stubborn)
    while not Path(stubborn[-1]).exists():  # noqa: ASYNC110, ASYNC240  (another process makes it)
        await asyncio.sleep(0.01)
    stopping = asyncio.create_task(stop(child, grace_s=3600))
    await asyncio.wait({stopping}, timeout=0.05)
    assert psutil.pid_exists(child.pid)
    stopping.cancel()
    await asyncio.wait({stopping})
    assert stopping.cancelled()
    assert child.returncode is not None
    assert not psutil.pid_exists(child.pid)
