"""`run` with nothing but tokens: it says what it serves, has a Redis and workers of its own, and stops when told to."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import psutil
import pytest

from tests.bot.processes import STOP_TIMEOUT_S, OwnProcess
from tests.bot.waiting import until

NOWHERE = "http://127.0.0.1:9"  # refuses connections: a platform that is away is waited for


@pytest.mark.parametrize("tokens", [("discord", "telegram"), ("telegram",)])
async def test_run_serves_with_parts_of_its_own(tokens: tuple[str, ...], tmp_path: Path, weights_home: Path) -> None:
    settings = {"DEEPFACE_HOME": str(weights_home), "DISCORD_API_URL": NOWHERE, "TELEGRAM_API_URL": NOWHERE}
    settings |= {f"{name.upper()}_TOKEN": "123456:sesame" for name in tokens}
    run = OwnProcess(("bot", "run"), settings, tmp_path, tmp_path / "run.log")
    run.start()

    async def serving() -> bool:
        assert run.alive, run.said()
        return "Serving" in run.said()

    await until(serving, "run to serve")
    names = ", ".join(name.title() for name in tokens)
    assert f"Serving {names}. Ctrl-C stops" in run.said()
    children = run.children()
    commands = [" ".join(child.cmdline()) for child in children]
    for part in ("redis-server", "worker draft", "worker music"):
        assert [command for command in commands if re.search(rf"{part}\b", command)], commands
    assert await run.terminate() == 0
    _, left = await asyncio.to_thread(psutil.wait_procs, children, STOP_TIMEOUT_S)
    assert left == []
    assert "sesame" not in run.said()
