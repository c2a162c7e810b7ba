"""`selfietune try`: make a song as a chat does, with this process as the chat."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.cli.follow_song import follow_song, show_or_raise
from bot.cli.sampling_options import sampling
from bot.cli.terminal_chat import PLATFORM
from bot.errors import UserError
from bot.settings import Settings
from handlers.deps import Deps
from handlers.events import MelodyReceived, SelfieReceived, Sender
from handlers.intake.melody import check_melody, keep_melody
from handlers.intake.selfie import check_selfie_size, receive_selfie
from handlers.song_options import SongOptions, check_song_options


async def main(options: argparse.Namespace, settings: Settings) -> int:
    data, hummed = _read(options.file), _melody(options.melody)
    out = Path.cwd() / options.out
    sender = Sender(PLATFORM, options.listener, options.listener)

    async def create(deps: Deps, locale: str) -> int:
        song_options = SongOptions(
            duration_s=options.duration,
            mood=options.mood,
            seed=options.seed,
            engine=options.engine,
            locale=locale,
            **sampling(options),
        )
        check_song_options(song_options)  # a melody is kept for a song that can be, or for none
        if hummed is not None:
            await keep_melody(MelodyReceived(sender, hummed), deps=deps)
        return await receive_selfie(SelfieReceived(sender, data, {"out": str(out)}, song_options), deps=deps)

    story = await follow_song(sender, create, settings)
    return show_or_raise(story, out, listener=options.listener, as_json=options.json)


def _read(name: str) -> bytes:
    """Read the picture; a file that is larger than chats allow is not read."""
    file = Path(name).expanduser()  # not every shell does it behind make's PHOTO=
    try:
        check_selfie_size(file.stat().st_size)
        return file.read_bytes()
    except FileNotFoundError as error:
        raise UserError("no_such_file", file=str(file)) from error
    except OSError as error:
        raise UserError("unreadable_file", file=str(file), problem=error.strerror or "unreadable") from error


def _melody(file: str | None) -> bytes | None:
    if file is None:
        return None
    try:
        sound = Path(file).expanduser()
        check_melody(sound.stat().st_size)
        return sound.read_bytes()
    except FileNotFoundError as error:
        raise UserError("no_such_file", file=file) from error
    except OSError as error:
        raise UserError("unreadable_file", file=file, problem=error.strerror or "unreadable") from error
