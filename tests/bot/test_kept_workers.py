"""`selfietune run` with a Redis of its own keeps its workers running."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from bot.cli.servers import keep_workers
from bot.settings import Settings
from tests.bot.waiting import until


def _workers(kind: str) -> list[psutil.Process]:
    alive = (child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE)
    return [child for child in alive if child.cmdline()[-2:] == ["worker", kind]]


@pytest.mark.parametrize("kind", ["draft", "music"])
async def test_a_worker_that_ends_is_started_again(
    kind: str, redis_url: str, database_url: str, weights_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {"data_dir": tmp_path, "database_url": database_url, "deepface_home": weights_home}
    for name, value in changed.items():
        monkeypatch.setenv(name.upper(), str(value))
    keeper = asyncio.create_task(keep_workers(Settings.model_validate(changed), redis_url))

    async def serving() -> psutil.Process | None:
        log = tmp_path / "logs" / f"{kind}.log"
        begun = log.read_text().count("Starting worker") if log.exists() else 0
        return next(iter(_workers(kind)), None) if begun == starts else None

    starts = 1
    first = await until(serving, f"the {kind} worker")
    first.kill()
    starts = 2
    second = await until(serving, f"the next {kind} worker")
    assert second.pid != first.pid
    keeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeper
    assert not second.is_running()
    assert not [*_workers("draft"), *_workers("music")]
