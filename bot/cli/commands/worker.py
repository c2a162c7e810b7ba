"""`selfietune worker draft|music`: one worker process, until SIGTERM."""

from __future__ import annotations

import argparse

from bot.cli.database import make_ready
from bot.errors import UserError
from bot.settings import Settings
from bot.workers.processes import run_draft_worker, run_music_worker


async def main(options: argparse.Namespace, settings: Settings) -> int:
    if settings.redis is None:
        raise UserError("missing_settings", names="REDIS_URL")
    await make_ready(settings)
    start = run_draft_worker if options.kind == "draft" else run_music_worker
    await start(settings, settings.redis)
    return 0
