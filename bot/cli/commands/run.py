"""`selfietune run`: serve the chat platforms whose tokens are set, all in this one process."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from bot.cli.database import make_ready
from bot.cli.worker_supervisor import redis_for, workers_for
from bot.errors import UserError
from bot.settings import Settings
from bot.wiring import Process, open_process
from handlers.concurrency import run_until_first_exit
from handlers.texts import terminal_sentence

Serve: TypeAlias = Callable[[Settings, Process], Coroutine[Any, Any, None]]


async def main(_: argparse.Namespace, settings: Settings) -> int:
    if not (settings.discord_token or settings.telegram_token):
        raise UserError("no_tokens")
    platforms = _platforms(settings)
    async with redis_for(settings) as redis_url:
        await make_ready(settings)
        async with open_process(settings, redis_url) as process, _workers(settings, redis_url, process) as care:
            names = ", ".join(name.title() for name in platforms)
            print(terminal_sentence("en", "serving", platforms=names), file=sys.stderr)  # noqa: T201
            await run_until_first_exit(_stopped(), *care, *(serve(settings, process) for serve in platforms.values()))
    return 0


def _platforms(settings: Settings) -> dict[str, Serve]:
    """Choose each platform that has a token; only its own library is imported, and before anything is started."""
    serving: dict[str, Serve] = {}
    if settings.discord_token:
        from bot.discord.service import serve_discord

        serving["discord"] = serve_discord
    if settings.telegram_token:
        from bot.telegram.service import serve_telegram

        serving["telegram"] = serve_telegram
    return serving


async def _stopped() -> None:
    """Wait for SIGTERM or Ctrl-C; songs that are being sent are handed back."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()


@asynccontextmanager
async def _workers(
    settings: Settings, redis_url: str, process: Process
) -> AsyncIterator[list[Coroutine[Any, Any, None]]]:
    """Start workers where Redis is embedded, for no other can reach it; give the coroutine that keeps them up."""
    if settings.redis:
        yield []
        return
    async with workers_for(settings, redis_url, process.pool) as supervisor:
        yield [supervisor.keep_up()]
