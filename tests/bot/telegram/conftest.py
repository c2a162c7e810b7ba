"""Telegram and a Redis: what every test of the adapter stands on."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bot.telegram.chat_fixture import ChatFixture, stage
from tests.telegram_server import TelegramServer, serve_telegram


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # the library would send loopback through a proxy of the environment
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


TOLERATED = "Unclosed Pipeline client"  # arq, stopped while it asks; see filterwarnings in pyproject.toml


@pytest.fixture(autouse=True)
def nothing_broke(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave an error in the log that it did not ask for."""
    yield
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert [said for record in errors if not (said := record.getMessage()).startswith(TOLERATED)] == []


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with serve_telegram() as running:
        yield running


@pytest.fixture
async def at(server: TelegramServer, sqlite_url: str, tmp_path: Path, redis_url: str) -> AsyncIterator[ChatFixture]:
    async with stage(server, sqlite_url, tmp_path, redis_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def selfie() -> bytes:
    return (Path(__file__).parents[3] / "samples" / "eileen_collins.jpg").read_bytes()
