"""What a chat process weighs that really serves: on Discord and Telegram at once, with a selfie taken on each.

The platforms are the tests' local servers; the process is `selfietune run`, and no worker is its child.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import psutil

from bench.discord_load import process
from bench.measure import Row
from bot.cli.database import make_ready
from bot.cli.embedded_redis import embedded_redis
from bot.settings import Settings
from bot.wiring import open_deps
from handlers.events import Sender
from handlers.intake.consent import accept
from tests.discord_server import DiscordServer, File
from tests.telegram_server import TelegramServer, serve_telegram

PATIENCE_S = 60.0


async def measure(photo: Path, folder: Path) -> list[Row]:
    data = await asyncio.to_thread(photo.read_bytes)
    async with embedded_redis() as redis_url, DiscordServer().running() as discord, serve_telegram() as telegram:
        ann, bob = discord.person("ann"), telegram.person("Bob")
        settings = Settings.model_validate({"data_dir": folder})
        await make_ready(settings)
        async with open_deps(settings) as deps:
            await accept(Sender("discord", str(ann.user.id), "ann"), deps=deps)
            await accept(Sender("telegram", str(bob.user.id), "Bob"), deps=deps)
        async with process("run", env=_environment(discord, telegram, folder, redis_url)) as chat:
            await discord.until(lambda: discord.gateway.live and discord.world.commands, within=PATIENCE_S)
            await telegram.until(lambda: telegram.sent("getUpdates"), within_s=PATIENCE_S)
            await ann.post(discord.world.dm(ann.user), files=(File("me.jpg", data),))
            message = telegram.world.say(bob.chat, bob.user, {"photo": telegram.world.files.keep_photo(data)})
            telegram.world.tell_bot(message)
            answers = discord.world.messages
            await discord.until(
                lambda: any(each.author is discord.world.bot for each in answers.values()), within=PATIENCE_S
            )
            await telegram.until(bob.chat.from_bot, within_s=PATIENCE_S)
            weight = psutil.Process(chat.pid).memory_info().rss / 1e6
    return [Row("resident memory, chat process on both platforms", weight, "MB", goal=150)]


def _environment(discord: DiscordServer, telegram: TelegramServer, folder: Path, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "TELEGRAM_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "DATA_DIR": str(folder),
        "REDIS_URL": redis_url,
    }
