"""What stands in Redis: ids, as JSON; nothing else is run."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from functools import partial

import pytest
from arq.constants import in_progress_key_prefix, job_key_prefix

from bot.job_queue import FRESH_S, MARK_S, ArqQueue, dump, job_id, load, open_pool, queue_name, worker_alive
from bot.settings import Settings
from bot.wiring import Process, open_process
from bot.workers.arq_worker import make_worker, working
from tests.bot.redis_server import RedisServer
from tests.bot.waiting import until


async def test_a_job_is_json_and_carries_the_id_alone(redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        await ArqQueue(pool).put("draft", 7, attempt=0, platform="terminal")
        raw = await pool.get(f"{job_key_prefix}draft:7:0")
    job = json.loads(raw)
    assert job.pop("et") > 0
    assert job == {"t": None, "f": "draft", "a": [7], "k": {}}


async def test_the_same_attempt_is_queued_once_and_keeps_its_place(redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        queue = ArqQueue(pool)
        for song_id in (1, 2, 1):
            await queue.put("music", song_id, attempt=0, platform="terminal")
        await queue.put("music", 1, attempt=1, platform="terminal")
        waiting = await pool.zrange(queue_name("music", "terminal"), 0, -1)
    assert sorted(waiting) == [b"music:1:0", b"music:1:1", b"music:2:0"]


async def test_a_job_left_marked_by_a_dead_worker_can_be_picked_again(redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        mark = f"{in_progress_key_prefix}{job_id('draft', 1, 0)}"
        await ArqQueue(pool).put("draft", 1, attempt=0, platform="terminal")
        await pool.set(mark, b"1")
        await ArqQueue(pool).put("draft", 1, attempt=0, platform="terminal")
        assert not await pool.exists(mark)


async def test_a_job_that_a_worker_has_just_begun_keeps_its_mark(redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        mark = f"{in_progress_key_prefix}{job_id('draft', 1, 0)}"
        await pool.psetex(mark, MARK_S * 1000, b"1")  # as arq does
        await ArqQueue(pool).put("draft", 1, attempt=0, platform="terminal")
        assert await pool.exists(mark)
        await pool.pexpire(mark, (MARK_S - FRESH_S) * 1000 - 1)
        await ArqQueue(pool).put("draft", 1, attempt=0, platform="terminal")
        assert not await pool.exists(mark)


async def test_a_redis_that_is_away_is_no_error(redis_server: RedisServer, redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        redis_server.stop()
        try:
            await ArqQueue(pool).put("draft", 1, attempt=0, platform="terminal")
            await ArqQueue(pool).abort("draft", 1, attempt=0, platform="terminal")
        finally:
            redis_server.start()


class Trap:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('the pickle ran')",)


@pytest.mark.parametrize("job", [pickle.dumps(Trap()), b"[]", b"{}", b"\xff", dump({"f": "os.system", "a": ["x"]})])
async def test_anything_but_our_jobs_is_refused(redis_url: str, tmp_path: object, job: bytes) -> None:
    ran: list[int] = []
    logging.getLogger("arq").setLevel(logging.CRITICAL + 1)

    async def note(song_id: int) -> None:
        ran.append(song_id)

    async with open_process(Settings.model_validate({"data_dir": tmp_path}), redis_url) as process:
        name = queue_name("deliver", "test")
        await process.pool.set(f"{job_key_prefix}bad", job)
        await process.pool.zadd(name, {"bad": 1})
        async with working(partial(make_worker, "deliver", "test", note, process, max_jobs=2)):
            await until(partial(_gone, process, name), "the bad job to go")
            await ArqQueue(process.pool).put("deliver", 5, attempt=0, platform="test")
            await until(partial(_gone, process, name), "the next job to run")
            assert await worker_alive(process.pool, "deliver", "test")
        assert not await worker_alive(process.pool, "deliver", "test")
    assert ran == [5]


async def _gone(process: Process, name: str) -> bool:
    jobs = await process.pool.zrange(name, 0, -1)
    return not [job for job in jobs if not job.startswith(b"sweep")]


def test_jobs_read_back() -> None:
    job: dict[str, object] = {"t": None, "f": "draft", "a": [1], "k": {}, "et": 1}
    assert load(dump(job)) == job
    with pytest.raises(ValueError, match=r"."):
        load(pickle.dumps(job))


def test_what_arq_notes_of_a_job_that_was_aborted_before_it_began_is_json_too() -> None:
    noted = load(dump({"t": 1, "s": False, "r": asyncio.CancelledError()}))
    assert noted == {"t": 1, "s": False, "r": "CancelledError()"}
