"""The workers that `try` and `run` start for themselves: whoever ends is replaced, whoever is missing is hired."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.worker_supervisor import Kind, workers_for
from bot.errors import InternalError
from bot.job_queue import open_pool, worker_alive
from bot.settings import Settings
from handlers.concurrency import run_until_first_exit
from tests.bot.waiting import until


@pytest.fixture
def settings(
    tmp_path: Path, database_url: str, redis_url: str, weights_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of this process, which the workers inherit."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DEEPFACE_HOME", str(weights_home))
    monkeypatch.setenv("MUSIC_ENGINE", "sketch")
    return Settings.read()


@pytest.mark.parametrize("kind", ["draft", "music"])
async def test_a_worker_that_ends_is_replaced(kind: Kind, settings: Settings, redis_url: str) -> None:
    async with open_pool(redis_url) as pool, workers_for(settings, redis_url, pool) as supervisor:
        assert set(supervisor.workers) == {"draft", "music"}
        first = supervisor.workers[kind].process
        first.kill()
        await first.wait()
        with pytest.raises(InternalError, match="worker_ended"):
            supervisor.check()

        async def another() -> bool:
            return supervisor.workers[kind].process.pid != first.pid and await worker_alive(pool, kind, "")

        await run_until_first_exit(supervisor.keep_up(), until(another, f"another {kind} worker"))
        supervisor.check()


async def test_nobody_is_hired_beside_a_worker_that_serves(settings: Settings, redis_url: str) -> None:
    async with open_pool(redis_url) as pool:
        await pool.set("selfietune:draft:health-check", b"here")
        async with workers_for(settings, redis_url, pool) as supervisor:
            assert set(supervisor.workers) == {"music"}
            await pool.delete("selfietune:draft:health-check")
            await supervisor.start_missing()
            assert set(supervisor.workers) == {"draft", "music"}
