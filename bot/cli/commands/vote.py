"""`selfietune vote`: the buttons under a song, for the terminal."""

from __future__ import annotations

import argparse
import json

from bot.cli.database import ready_deps
from bot.cli.terminal_chat import PLATFORM
from bot.settings import Settings
from handlers.events import Sender, VoteCast
from handlers.feedback.votes import cast_vote
from handlers.texts import terminal_sentence


async def main(options: argparse.Namespace, settings: Settings) -> int:
    voter = Sender(PLATFORM, options.listener, options.listener)
    event = VoteCast(voter, options.song_id, options.vote, options.score, options.comment)
    async with ready_deps(settings) as deps:
        votes = await cast_vote(event, deps=deps)
    if options.json:
        print(json.dumps({"generation_id": options.song_id, "up": votes.up, "down": votes.down}))  # noqa: T201
    else:
        print(terminal_sentence("en", "voted", id=options.song_id, up=votes.up, down=votes.down))  # noqa: T201
    return 0
