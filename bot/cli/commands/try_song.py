"""`selfietune try`: a song by the same way as from a chat, with this process as the chat."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from bot.cli.attachments import LocalFiles, local_file
from bot.cli.follow_song import follow_song, show_or_raise
from bot.cli.sampling_options import sampling
from bot.cli.terminal_chat import PLATFORM
from bot.settings import Settings
from handlers.deps import Deps
from handlers.events import Sender
from handlers.intake.melody import check_melody
from handlers.intake.receive import Intake
from handlers.intake.selfie import check_selfie
from handlers.intake.submission import Submission
from handlers.song_options import SongOptions


async def main(options: argparse.Namespace, settings: Settings) -> int:
    sender, out = Sender(PLATFORM, options.listener, options.listener), Path.cwd() / options.out
    picture, melody = local_file(options.file), local_file(options.melody) if options.melody else None
    check_selfie(picture.size)  # also before anything is started for it
    if melody is not None:
        check_melody(melody.size)
    sent = Submission(sender, {"out": str(out)}, secrets.token_hex(8), [picture], melody)

    async def create(deps: Deps, locale: str) -> int:
        song_options = SongOptions(
            duration_s=options.duration,
            mood=options.mood,
            seed=options.seed,
            engine=options.engine,
            locale=locale,
            **sampling(options),
        )
        return await Intake(LocalFiles(), deps=deps).create_song(sent, song_options)

    story = await follow_song(sender, create, settings)
    return show_or_raise(story, out, listener=options.listener, as_json=options.json)
