"""With both tokens set one process serves both platforms, and a code makes accounts on them one listener."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bot.processes import OwnProcess
from tests.bot.telegram.chat_fixture import ChatFixture, stage
from tests.discord_server import DiscordServer, UserClient
from tests.telegram_server import Person, serve_telegram

START_S = 60  # two libraries and a database; a second alone


@dataclass(frozen=True)
class Both:
    """Alice on Telegram and Ann on Discord, who may be one person."""

    telegram: ChatFixture
    discord: DiscordServer
    alice: Person
    ann: UserClient

    async def on_telegram(self, text: str) -> str:
        return (await self.telegram.server.answer(self.alice.says(text))).text

    async def on_discord(self, command: str, **options: str) -> str:
        asked = await self.ann.slash(self.discord.world.dm(self.ann.user), command, **options)
        (shown,) = await self.discord.until(lambda: asked.shown, within=10)
        return str(shown.content).replace("\\", "")  # what would be markup is escaped


@pytest.fixture
async def both(sqlite_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Both]:
    async with (
        serve_telegram() as telegram,
        DiscordServer().running() as discord,
        stage(telegram, sqlite_url, tmp_path / "data", redis_url) as at,
        running(OwnProcess(("bot", "run"), settings(at, discord), tmp_path, tmp_path / "run.log")),
    ):
        await telegram.until(lambda: telegram.sent("getUpdates"), within_s=START_S)
        await discord.until(lambda: discord.gateway.live and discord.world.commands, within=START_S)
        yield Both(at, discord, await at.person("Alice"), discord.person("ann"))
    assert discord.violations == []


def settings(at: ChatFixture, discord: DiscordServer) -> dict[str, str]:
    return {
        "DATA_DIR": str(at.settings.data_dir),
        "DATABASE_URL": at.settings.database,
        "REDIS_URL": at.redis_url,
        "TELEGRAM_TOKEN": at.server.token,
        "TELEGRAM_API_URL": at.server.url,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
    }


@asynccontextmanager
async def running(process: OwnProcess) -> AsyncIterator[None]:
    process.start()
    try:
        yield
        assert await process.terminate() == 0
    finally:
        if process.alive:
            process.kill()


async def test_a_code_makes_both_accounts_one_listener_and_unlink_undoes_it(both: Both, tmp_path: Path) -> None:
    song = await both.telegram.delivered(both.alice)
    vote = both.alice.presses(song, "👍")
    await both.telegram.server.until(lambda: vote.answers)
    await both.on_telegram("/genres add jazz")
    await both.on_discord("genres add", words="metal")
    assert "no songs" in await both.on_discord("history")

    code = code_in(await both.on_telegram("/link"))
    kept = await asyncio.to_thread(database_files, tmp_path)
    assert code.replace("-", "").encode() not in kept
    assert hashlib.sha256(code.replace("-", "").encode()).hexdigest().encode() in kept
    assert "one listener" in await both.on_discord("link", code=code.lower())

    assert re.search(r"#1 · Happy .* 👍", await both.on_discord("history"))
    assert "jazz, metal" in await both.on_discord("genres show")
    assert "jazz, metal" in await both.on_telegram("/genres")

    assert "listener of its own" in await both.on_discord("unlink")
    assert "no songs" in await both.on_discord("history")
    assert "#1 · Happy" in await both.on_telegram("/history")


async def test_the_other_way_round_and_never_with_a_wrong_code(both: Both) -> None:
    await both.on_discord("genres add", words="metal")
    code = code_in(await both.on_discord("link"))
    for _ in range(5):
        assert "wrong" in await both.on_telegram("/link AAAA-AAAA")
    assert "too many wrong codes" in await both.on_telegram(f"/link {code}")
    other = await both.telegram.person("Al")
    told = await both.telegram.server.answer(other.says(f"/link {code}"))
    assert "one listener" in told.text
    assert "metal" in (await both.telegram.server.answer(other.says("/genres"))).text
    assert "metal" not in await both.on_telegram("/genres")


def database_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*.db*"))


def code_in(text: str) -> str:
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", text)
    assert found
    return found[0]
