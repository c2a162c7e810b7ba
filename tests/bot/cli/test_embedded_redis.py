"""The embedded Redis: where its socket lies."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from arq.connections import create_pool

from bot.cli.embedded_redis import embedded_redis
from bot.cli.worker_supervisor import redis_for
from bot.errors import InternalError
from bot.job_queue import redis_settings
from bot.settings import Settings


async def test_a_long_temporary_place_is_no_place_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("far" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    async with embedded_redis() as url:
        pool = await create_pool(redis_settings(url))
        assert await pool.ping()
        await pool.aclose()
        assert not any(long.iterdir())


async def test_a_short_one_is_used_and_left_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        async with embedded_redis() as url:
            assert Path(url.removeprefix("unix://")).is_relative_to(short)
        assert not any(Path(short).iterdir())  # noqa: ASYNC240  (nothing else runs here)


async def test_one_that_does_not_come_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.embedded_redis.redis_executable", lambda: Path("/bin/cat"))  # it ends at once
    monkeypatch.setattr("bot.cli.embedded_redis.START_TIMEOUT_S", 0.2)
    with pytest.raises(InternalError, match="redis_silent"):
        async with redis_for(Settings.model_validate({"data_dir": tmp_path})):
            pass
