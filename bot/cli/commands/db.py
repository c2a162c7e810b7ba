"""`selfietune db upgrade|downgrade|current`: the database's tables, by Alembic."""

from __future__ import annotations

import argparse

from bot.settings import Settings
from storage.migrate import current, downgrade, head, upgrade


async def main(options: argparse.Namespace, settings: Settings) -> int:
    url = settings.database
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    if options.action == "upgrade":
        await upgrade(url)
    elif options.action == "downgrade":
        await downgrade(url, options.revision or "-1")
    now = await current(url)
    print(f"{now or 'empty'}{' (head)' if now == head() else ''}")  # noqa: T201
    return 0
