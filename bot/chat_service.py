"""What every platform's service does once it is connected: receive, deliver songs, keep cards up to date."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from bot.card_loop import CardLoop
from bot.wiring import Process
from bot.workers.arq_worker import delivering
from handlers.concurrency import run_until_first_exit
from handlers.ports import Chat


async def serve_chat(chat: Chat, cards: CardLoop, process: Process, *receiving: Coroutine[Any, Any, None]) -> None:
    """Serve until cancelled, or until one of `receiving` ends or fails; what it raised is raised here."""
    async with delivering(chat, process):
        await run_until_first_exit(*receiving, cards.keep_showing())
