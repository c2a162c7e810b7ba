"""Start the Redis and the workers that `try` and `run` need and do not find, and stop them afterwards."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn, get_args

from arq.connections import ArqRedis

from bot.cli.embedded_redis import die_with_parent, embedded_redis, stop
from bot.errors import InternalError
from bot.job_queue import worker_alive
from bot.settings import Settings, environment

log = logging.getLogger(__name__)

START_EVERY_S = 5.0  # a worker needs about two seconds to come up
STOP_TIMEOUT_S = 15  # a worker hands its songs back within a second; DeepFace's process takes longest

Kind = Literal["draft", "music"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A worker that we started, and where it writes its log."""

    kind: Kind
    process: asyncio.subprocess.Process
    log: Path

    def check(self) -> None:
        """Raise InternalError when it has ended by itself."""
        if self.process.returncode is not None:
            raise InternalError("worker_ended", kind=self.kind, log=str(self.log))


@asynccontextmanager
async def redis_for(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the Redis that is set, or of one of our own."""
    if settings.redis:
        yield settings.redis
        return
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(embedded_redis())
        except FileNotFoundError as error:
            raise InternalError("no_redis") from error
        except TimeoutError as error:
            raise InternalError("redis_silent") from error
        yield url


@dataclass(frozen=True, slots=True)
class WorkerSupervisor:
    """The workers that we started. `workers_for` makes one and stops them at its end."""

    settings: Settings
    redis_url: str
    pool: ArqRedis
    stack: AsyncExitStack
    workers: dict[Kind, WorkerProcess] = field(default_factory=dict)

    def check(self) -> None:
        """Raise InternalError when one of ours has ended by itself."""
        for worker in self.workers.values():
            worker.check()

    async def start_missing(self) -> None:
        """Start a worker of each kind that has none: ours has ended, or somebody else's reports no more."""
        for kind in KINDS:
            ours = self.workers.get(kind)
            if ours and ours.process.returncode is not None:
                log.warning(
                    "the %s worker has ended, status %s; its log is %s", kind, ours.process.returncode, ours.log
                )
            elif ours or await worker_alive(self.pool, kind, ""):
                continue
            self.workers[kind] = await self.stack.enter_async_context(_worker(kind, self.settings, self.redis_url))

    async def keep_up(self) -> NoReturn:
        """Replace workers that end, with a pause between: one that cannot start must not spin."""
        while True:
            await asyncio.sleep(START_EVERY_S)
            await self.start_missing()


@asynccontextmanager
async def workers_for(settings: Settings, redis_url: str, pool: ArqRedis) -> AsyncIterator[WorkerSupervisor]:
    """Start a draft and a music worker, each unless one already serves this Redis."""
    async with AsyncExitStack() as stack:
        supervisor = WorkerSupervisor(settings, redis_url, pool, stack)
        await supervisor.start_missing()
        yield supervisor


@asynccontextmanager
async def _worker(kind: Kind, settings: Settings, redis_url: str) -> AsyncIterator[WorkerProcess]:
    log = settings.data_dir.absolute() / "logs" / f"{kind}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--verbose", "worker", kind),
            env=environment(
                REDIS_URL=redis_url, MUSIC_ENGINE=settings.music_engine, MUSICGEN_MODEL=settings.musicgen_model
            ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us: the song is cancelled first
            preexec_fn=die_with_parent,
        )
    try:
        yield WorkerProcess(kind, process, log)
    finally:
        await stop(process, grace_s=STOP_TIMEOUT_S)
