"""`selfietune run`: serve the chat platforms whose tokens are set."""

from __future__ import annotations

import argparse

from bot.cli.errors import Misuse
from bot.settings import Settings


async def main(_: argparse.Namespace, settings: Settings) -> int:
    if not (settings.discord_token or settings.telegram_token):
        raise Misuse("no_tokens")
    raise Misuse("no_platform_yet")
