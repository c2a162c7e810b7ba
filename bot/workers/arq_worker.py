"""Make arq's worker and keep it running, for worker processes and for the deliver queue of chat processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias, cast

from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.exceptions import RedisError

from bot.job_queue import HEALTH_EVERY_S, JOB_TIMEOUT_S, dump, load, queue_name
from bot.wiring import Process
from handlers.concurrency import wait_uncancelled
from handlers.jobs.deliver import deliver_song
from handlers.jobs.sweeper import sweep
from handlers.ports import Chat, Stage

log = logging.getLogger(__name__)

Job: TypeAlias = Callable[[int], Awaitable[None]]
Context: TypeAlias = dict[Any, Any]  # arq hands one to every job; ours have what they need already

POLL_DELAY_S = 0.05  # a queue hop's largest part
DELIVER_JOBS = 16
RECONNECT_PAUSE_S = 1.0


async def serve(make: Callable[[], Worker], *, stopping: asyncio.Event | None = None) -> None:
    """Run a worker until SIGTERM, SIGINT or `stopping`, then release its songs: another worker takes them."""
    stopping = stopping or asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with working(make):
        await stopping.wait()


@asynccontextmanager
async def working(make: Callable[[], Worker]) -> AsyncIterator[None]:
    """Keep a worker running while the body runs."""
    keeper = asyncio.create_task(_keep_working(make))
    try:
        yield
    finally:
        keeper.cancel()
        await wait_uncancelled(keeper)


async def _keep_working(make: Callable[[], Worker]) -> None:
    """Restart the worker whenever its main loop ends, as arq's does at the first broken connection."""
    while True:
        worker = make()
        try:
            await worker.main()
        except (RedisError, OSError) as error:
            log.warning("Redis is away, trying again: %r", error)
        except Exception:  # otherwise this process would run on without a worker
            log.exception("the worker broke, starting anew")
        finally:
            await wait_uncancelled(asyncio.create_task(_let_go(worker)))
        await asyncio.sleep(RECONNECT_PAUSE_S)


async def _let_go(worker: Worker) -> None:
    """Cancel the worker's jobs, wait until they have released their leases, and delete the health key."""
    for task in worker.tasks.values():
        task.cancel()
    for error in await asyncio.gather(*worker.tasks.values(), return_exceptions=True):
        if isinstance(error, Exception):
            log.warning("a job ended with %r", error)
    with contextlib.suppress(RedisError, OSError):
        await worker.pool.delete(worker.health_check_key)


@asynccontextmanager
async def delivering(chat: Chat, process: Process) -> AsyncIterator[None]:
    """Serve a chat's deliver queue inside the chat process while the body runs."""
    job = partial(deliver_song, deps=process.deps, chat=chat)
    async with working(partial(make_worker, "deliver", chat.platform, job, process, max_jobs=DELIVER_JOBS)):
        yield


def make_worker(stage: Stage, platform: str, job: Job, process: Process, *, max_jobs: int) -> Worker:
    """Make arq's worker for one queue. Results are not kept: a kept one would block the same job id.

    The sweeper runs in draft and deliver workers, whose jobs mostly wait; a music worker has no slot to spare.
    """

    async def run(_: Context, song_id: int) -> None:
        await job(song_id)

    async def sweeping(_: Context) -> None:
        await sweep(deps=process.deps)

    every_s = process.deps.limits.sweep_every_s
    return Worker(
        functions=[func(cast("WorkerCoroutine", run), name=stage)],
        cron_jobs=[] if stage == "music" else [sweeper(cast("WorkerCoroutine", sweeping), every_s)],
        queue_name=queue_name(stage, platform),
        redis_pool=process.pool,
        handle_signals=False,
        max_jobs=max_jobs,
        job_timeout=JOB_TIMEOUT_S,
        keep_result=0,
        poll_delay=POLL_DELAY_S,
        max_tries=1_000_000,  # attempts are counted in the row
        health_check_interval=HEALTH_EVERY_S,
        allow_abort_jobs=True,
        job_serializer=dump,
        job_deserializer=load,
        log_results=False,
    )


def sweeper(run: WorkerCoroutine, every_s: int) -> CronJob:
    """The sweep as arq's cron job: once per interval, however many workers there are."""
    return cron(run, name="sweep", second=set(range(0, 60, every_s)), unique=True, keep_result=0)
