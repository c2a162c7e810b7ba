"""The server and a bot on it for one test each; at the end nothing is left that Discord would refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.discord_server import DiscordServer
from tests.discord_server.demo_bot import DemoBot, online


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer().running() as running:
        yield running
    assert running.violations == []


@pytest.fixture
async def bot(server: DiscordServer) -> AsyncIterator[DemoBot]:
    async with online(server, DemoBot()) as running:
        yield running
    assert running.errors == []
