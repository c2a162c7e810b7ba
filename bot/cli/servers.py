"""The servers and workers that `try` and `run` need and do not find: started before, stopped after."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from arq.connections import ArqRedis

from bot.embedded import die_with_parent, embedded_redis, stop
from bot.errors import Broken
from bot.job_queue import worker_alive
from bot.settings import Settings, environment
from bot.together import together

log = logging.getLogger(__name__)

RESTART_PAUSE_S = 1.0  # one that cannot even start shall not fill the machine
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
        """Raise Broken when it has ended by itself."""
        if self.process.returncode is not None:
            raise Broken("worker_ended", kind=self.kind, log=str(self.log))


@asynccontextmanager
async def redis_for(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the Redis that is set, or of one of our own."""
    if settings.redis:
        yield settings.redis
        return
    try:
        async with embedded_redis() as url:
            yield url
    except FileNotFoundError as error:
        raise Broken("no_redis") from error


@asynccontextmanager
async def workers_for(settings: Settings, redis_url: str, pool: ArqRedis) -> AsyncIterator[list[WorkerProcess]]:
    """Start a draft and a music worker, each unless one already serves this Redis."""
    async with AsyncExitStack() as stack:
        missing = [kind for kind in KINDS if not await worker_alive(pool, kind, "")]
        yield [await stack.enter_async_context(_worker(kind, settings, redis_url)) for kind in missing]


async def keep_workers(settings: Settings, redis_url: str) -> None:
    """Run a draft and a music worker; one that ends, as when its GPU's context is lost, is started again."""
    await together(*(_keep(kind, settings, redis_url) for kind in KINDS))


async def _keep(kind: Kind, settings: Settings, redis_url: str) -> None:
    while True:
        async with _worker(kind, settings, redis_url) as worker:
            status = await worker.process.wait()
        log.warning("the %s worker ended with status %d, starting it again; it wrote %s", kind, status, worker.log)
        await asyncio.sleep(RESTART_PAUSE_S)


@asynccontextmanager
async def _worker(kind: Kind, settings: Settings, redis_url: str) -> AsyncIterator[WorkerProcess]:
    file = settings.data_dir.absolute() / "logs" / f"{kind}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--verbose", "worker", kind),
            env=environment(REDIS_URL=redis_url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us: the song is cancelled first
            preexec_fn=die_with_parent,
        )
    try:
        yield WorkerProcess(kind, process, file)
    finally:
        await stop(process, grace_s=STOP_TIMEOUT_S)
