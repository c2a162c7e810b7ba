"""`selfietune again`: render a stored recipe once more and say whether the audio is identical."""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.console import Console

from bot.cli.database import ready_deps
from bot.cli.follow_song import files_of
from bot.engines import open_composer
from bot.errors import UserError
from bot.settings import Settings
from handlers.deps import Deps
from handlers.jobs.compose import compose, render_in_thread
from handlers.jobs.render import finished
from handlers.library.story import song_story
from handlers.serialization import stored_plan
from handlers.texts import song_title, terminal_sentence
from pipeline.audio.finishing import FinishedSong
from storage.repositories.song_rows import SongRow


async def main(options: argparse.Namespace, settings: Settings) -> int:
    async with ready_deps(settings) as deps:
        song = (await song_story(options.song_id, deps=deps)).song
        if song.brief is None or song.audio_md5 is None:
            raise UserError("no_recipe", id=song.id)
        locale = str((song.options or {}).get("locale", "en"))
        made = await render_again(song, locale, settings, deps=deps)
    audio = files_of(song, Path.cwd() / options.out)[0]
    audio = audio.with_stem(f"{audio.stem}-again")
    audio.parent.mkdir(parents=True, exist_ok=True)
    audio.write_bytes(made.mp3)
    identical = made.audio_md5 == song.audio_md5
    if options.json:
        shown = {
            "generation_id": song.id,
            "identical": identical,
            "audio": {"path": str(audio), "md5": made.md5},
        }
        print(json.dumps(shown, ensure_ascii=False))  # noqa: T201
    else:
        words = terminal_sentence(locale, "again_same" if identical else "again_different", id=song.id)
        Console(highlight=False).print(f"{words}\n{audio}", markup=False)
    return 0


async def render_again(song: SongRow, locale: str, settings: Settings, *, deps: Deps) -> FinishedSong:
    """Render a song's recipe, with the sounds it started from."""
    plan = stored_plan(song)
    title = song_title(locale, plan.mood, plan.genre)
    composer = await asyncio.to_thread(open_composer, song.model or plan.params.model, settings)
    with closing(composer):
        made = await compose(song, plan, render_in_thread(composer), composer=composer, deps=deps)
        return await asyncio.to_thread(partial(finished, made.sound, made.plan, title=title, composer=composer))
