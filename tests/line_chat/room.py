"""A chat process that serves the line chat, without tokens and without a network beyond this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.cli.embedded_redis import embedded_redis
from bot.settings import Settings
from bot.wiring import Process, open_process
from tests.line_chat.adapter import serve_lines


@dataclass(frozen=True)
class Room:
    """What the chat process needs, and the port at which people meet it."""

    process: Process
    port: int

    async def no_photo_is_kept(self) -> bool:
        return not any(path.endswith(".selfie") for path in await self.process.deps.media.list())


@asynccontextmanager
async def open_room(database_url: str, folder: Path) -> AsyncIterator[Room]:
    """Serve while the body runs, with limits that tests need not wait for."""
    settings = Settings.model_validate({"data_dir": folder, "database_url": database_url})
    async with embedded_redis() as redis_url, open_process(settings, redis_url) as opened:
        deps = replace(opened.deps, limits=replace(opened.deps.limits, card_every_s=0.05, slow_card_every_s=0.05))
        process, listening = replace(opened, deps=deps), socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(serve_lines(process, listening))
        try:
            yield Room(process, listening.getsockname()[1])
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
