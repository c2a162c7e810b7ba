"""`selfietune run`: serve the chat platforms whose tokens are set, all in this one process."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from bot.cli.ready import make_ready
from bot.cli.servers import keep_workers, redis_for
from bot.errors import Misuse
from bot.settings import Settings
from bot.together import together
from bot.wiring import Process, open_process


async def main(_: argparse.Namespace, settings: Settings) -> int:
    if not (settings.discord_token or settings.telegram_token):
        raise Misuse("no_tokens")
    async with redis_for(settings) as redis_url:
        await make_ready(settings)
        # Where Redis is our own nobody else can reach it, so the workers are too.
        workers = [] if settings.redis else [keep_workers(settings, redis_url)]
        async with open_process(settings, redis_url) as process:
            await together(_stopped(), *workers, *_platforms(settings, process))
    return 0


def _platforms(settings: Settings, process: Process) -> list[Coroutine[Any, Any, None]]:
    """Begin with each platform that has a token; only its own library is imported."""
    serving: list[Coroutine[Any, Any, None]] = []
    if settings.discord_token:
        from bot.discord.serving import serve_discord

        serving.append(serve_discord(settings, process))
    if settings.telegram_token:
        from bot.telegram.serving import serve_telegram

        serving.append(serve_telegram(settings, process))
    return serving


async def _stopped() -> None:
    """Wait for SIGTERM or Ctrl-C; songs that are being sent are handed back."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()
