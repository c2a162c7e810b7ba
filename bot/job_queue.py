"""arq behind the Queue port. Only this module knows the names of queues and jobs and how jobs are serialised."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import abort_jobs_ss, in_progress_key_prefix
from arq.utils import timestamp_ms
from redis.exceptions import RedisError

from handlers.ports import Stage

log = logging.getLogger(__name__)

# After this time the job counts as not queued; the sweeper queues it again.
REDIS_TIMEOUT_S = 5
HEALTH_EVERY_S = 5
JOB_TIMEOUT_S = 3600  # the handlers' own time-outs are shorter; this one only frees a stuck slot
# arq marks a running job for this long. A mark younger than FRESH_S belongs to a worker that has just begun: without
# it the job would run twice at the same time.
MARK_S = JOB_TIMEOUT_S + 10
FRESH_S = 2


def dump(job: dict[str, Any]) -> bytes:
    """Serialise a job as JSON: it carries ids alone, and no pickle is ever read."""
    return json.dumps(job, default=repr).encode()  # arq's own note on an aborted job holds an exception


def load(data: bytes) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(data)
    return job


def queue_name(stage: Stage, platform: str) -> str:
    """Name a queue: selfietune:draft, selfietune:music or selfietune:deliver:<platform>."""
    return f"selfietune:deliver:{platform}" if stage == "deliver" else f"selfietune:{stage}"


def job_id(stage: Stage, song_id: int, attempt: int) -> str:
    """Name a job. arq queues an id once, and a job lost with its worker blocks its id, so the attempt is part of it."""
    return f"{stage}:{song_id}:{attempt}"


def redis_settings(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = REDIS_TIMEOUT_S
    settings.conn_retries = 3
    return settings


class ArqQueue:
    """The Queue port over a pool of Redis connections."""

    def __init__(self, pool: ArqRedis) -> None:
        self._pool = pool

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                job = job_id(stage, song_id, attempt)
                # A worker that died before it took the lease leaves the job marked as running for an hour.
                # The caller knows that nobody works on the song, so the mark is deleted and the job keeps its place.
                mark = f"{in_progress_key_prefix}{job}"
                if await self._pool.pttl(mark) < (MARK_S - FRESH_S) * 1000:
                    await self._pool.delete(mark)
                await self._pool.enqueue_job(
                    stage,
                    song_id,
                    _job_id=job,
                    _queue_name=queue_name(stage, platform),
                )
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("song %d: not queued for %s, left to the sweeper: %r", song_id, stage, error)

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        """Mark the job for abortion as arq's Job.abort does, without waiting for its result."""
        del platform  # arq keeps one set of aborted jobs for all queues
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                await self._pool.zadd(abort_jobs_ss, {job_id(stage, song_id, attempt): timestamp_ms()})
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("song %d: abort not sent, its worker will see the row: %r", song_id, error)


@asynccontextmanager
async def open_pool(url: str) -> AsyncIterator[ArqRedis]:
    """Connect to Redis, or raise RedisError or OSError."""
    pool = await create_pool(redis_settings(url), job_serializer=dump, job_deserializer=load)
    try:
        yield pool
    finally:
        await pool.aclose()


async def worker_alive(pool: ArqRedis, stage: Stage, platform: str) -> bool:
    """Whether a worker of this stage has reported in within the last few seconds."""
    return bool(await pool.exists(f"{queue_name(stage, platform)}:health-check"))
