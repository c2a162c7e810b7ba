"""A migrated database, a Redis and a local Discord for one test each; at the end nothing was refused or broken."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.embedded import embedded_redis
from bot.settings import Settings
from bot.wiring import Process, open_process
from storage.migrate import upgrade
from tests.bot.discord.stage import Stage
from tests.discord_server import DiscordServer, Hands

TOLERATED = ("discord.", "arq")  # libraries say what we make of it


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that holds the tables."""
    file = tmp_path_factory.mktemp("tables") / "template.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer().running() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def settings(server: DiscordServer, tables: Path, tmp_path: Path) -> Settings:
    shutil.copy(tables, tmp_path / "test.db")
    return Settings.model_validate(
        {
            "discord_token": server.token,
            "discord_api_url": server.api_url,
            "discord_gateway_url": server.gateway_url,
            "data_dir": tmp_path,
            "database_url": f"sqlite+aiosqlite:///{tmp_path / 'test.db'}",
        }
    )


@pytest.fixture
async def process(settings: Settings) -> AsyncIterator[Process]:
    """A chat process's desk, with limits that tests need not wait for."""
    async with embedded_redis() as url, open_process(settings, url) as opened:
        limits = replace(opened.desk.limits, card_every_s=0.05, slow_card_every_s=0.05, deliver_timeout_s=3.0)
        yield Process(replace(opened.desk, limits=limits), opened.pool)


@pytest.fixture
def stage(server: DiscordServer, process: Process, settings: Settings) -> Stage:
    return Stage(server, process, settings)


@pytest.fixture
async def serving(stage: Stage) -> AsyncIterator[Stage]:
    async with stage.serving():
        yield stage


@pytest.fixture(autouse=True)
def nothing_broke(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave an error in the log that it did not ask for."""
    yield
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert [r.getMessage() for r in errors if not r.name.startswith(TOLERATED)] == []


@pytest.fixture
def ann(server: DiscordServer) -> Hands:
    return server.person("ann")


@pytest.fixture
def bob(server: DiscordServer) -> Hands:
    return server.person("bob")
