"""`selfietune extend`: a new song that goes on where an earlier one ends."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from bot.cli.follow_song import follow_song, show_or_raise
from bot.cli.terminal_chat import PLATFORM
from bot.settings import Settings
from handlers.deps import Deps
from handlers.events import Origin, Sender
from handlers.songs.extend import extend_song


async def main(options: argparse.Namespace, settings: Settings) -> int:
    sender, out = Sender(PLATFORM, options.listener, options.listener), Path.cwd() / options.out

    async def create(deps: Deps, locale: str) -> int:
        origin = Origin("", {"out": str(out)}, secrets.token_hex(8), locale)
        return await extend_song(options.song_id, sender, origin, deps=deps, seconds=options.by, interactive=False)

    story = await follow_song(sender, create, settings)
    return show_or_raise(story, out, listener=options.listener, as_json=options.json)
