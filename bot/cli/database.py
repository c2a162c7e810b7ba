"""Prepare the database for a command: migrate our own, refuse a shared one that is not migrated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import UserError
from bot.settings import Settings
from bot.wiring import open_deps
from handlers.deps import Deps
from storage.migrate import current, head, upgrade


async def make_ready(settings: Settings) -> None:
    """Migrate the embedded database; raise UserError where a configured one needs its operator's `db upgrade`."""
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        await upgrade(settings.database)
    elif await current(settings.database) != head():
        raise UserError("database_outdated")


@asynccontextmanager
async def ready_deps(settings: Settings) -> AsyncIterator[Deps]:
    """Give what handlers need, without a queue, on a database that is ready."""
    await make_ready(settings)
    async with open_deps(settings) as deps:
        yield deps
