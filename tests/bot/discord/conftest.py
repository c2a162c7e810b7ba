"""A chat process and a local Discord for one test each; at the end nothing was refused or broken."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import Process
from tests.bot.discord.chat_fixture import ChatFixture, process_for, settings_for
from tests.discord_server import DiscordServer, UserClient

TOLERATED = ("discord.", "arq")  # libraries say what we make of it


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer().running() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def settings(server: DiscordServer, sqlite_url: str, tmp_path: Path) -> Settings:
    return settings_for(server, sqlite_url, tmp_path)


@pytest.fixture
async def process(settings: Settings, redis_url: str) -> AsyncIterator[Process]:
    async with process_for(settings, redis_url) as process:
        yield process


@pytest.fixture
def stage(server: DiscordServer, process: Process, settings: Settings) -> ChatFixture:
    return ChatFixture(server, process, settings)


@pytest.fixture
async def serving(stage: ChatFixture) -> AsyncIterator[ChatFixture]:
    async with stage.serving():
        yield stage


@pytest.fixture(autouse=True)
def nothing_broke(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave an error in the log that it did not ask for."""
    yield
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert [r.getMessage() for r in errors if not r.name.startswith(TOLERATED)] == []


@pytest.fixture
def ann(server: DiscordServer) -> UserClient:
    return server.person("ann")


@pytest.fixture
def bob(server: DiscordServer) -> UserClient:
    return server.person("bob")
