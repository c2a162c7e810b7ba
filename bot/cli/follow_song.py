"""Create a song from the command line and follow it until it ends. `try` and `extend` call this."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.cli.database import make_ready
from bot.cli.progress import Progress
from bot.cli.song_json import song_json
from bot.cli.summary import show_song
from bot.cli.terminal_chat import TerminalChat, song_files
from bot.cli.worker_supervisor import START_EVERY_S, WorkerSupervisor, redis_for, workers_for
from bot.engines import preferring
from bot.errors import InternalError, UserError
from bot.settings import Settings
from bot.wiring import open_process
from bot.workers.arq_worker import delivering
from handlers.delivery.song_message import facts_of
from handlers.deps import Deps
from handlers.events import Sender
from handlers.library.story import SongStory, song_story
from handlers.preferences.language import locale_of_listener
from handlers.serialization import from_json, label_from
from handlers.song_options import SongOptions
from handlers.songs.cancel import cancel_song
from handlers.texts import song_title
from storage.repositories.song_rows import SongRow
from storage.song_states import ENDS, SongState

LOOK_EVERY_S = 0.1
UNLIMITED = 1_000_000  # no daily limit at one's own terminal

CreateSong = Callable[[Deps, str], Awaitable[int]]  # with the listener's locale; gives the song's id


async def follow_song(sender: Sender, create: CreateSong, settings: Settings) -> SongStory:
    """Create a song with every process that it needs, and watch its row until it ends.

    Ctrl-C cancels the song, not only the watching; so does a worker of ours that cannot work.
    """
    settings = settings.model_copy(update={"songs_in_work": UNLIMITED, "songs_per_day": UNLIMITED})
    async with redis_for(settings) as redis_url:
        await make_ready(settings)
        async with open_process(settings, redis_url) as process:
            deps, chat = process.deps, TerminalChat(process.deps.media)
            locale = await locale_of_listener(sender, deps=deps)
            song_id = await create(deps, locale)
            settings = preferring(await _engine_of(song_id, deps), settings)
            async with workers_for(settings, redis_url, process.pool) as supervisor, delivering(chat, process):
                try:
                    with Progress(locale) as progress:
                        await _watch(song_id, progress, supervisor, deps=deps)
                except (asyncio.CancelledError, InternalError):  # nobody waits for it any more
                    await cancel_song(song_id, by=sender, deps=deps)
                    raise
                return await song_story(song_id, deps=deps)


async def _engine_of(song_id: int, deps: Deps) -> str:
    song = await deps.read(lambda unit: unit.songs.get(song_id))
    return from_json(SongOptions, song.options).engine if song else "auto"


def show_or_raise(story: SongStory, out: Path, *, listener: str, as_json: bool) -> int:
    """Print the finished song, or raise what ended it without a result."""
    _check(story)
    return _show(story, out, listener=listener, as_json=as_json)


async def _watch(song_id: int, progress: Progress, supervisor: WorkerSupervisor, *, deps: Deps) -> None:
    looked = time.monotonic()
    while True:
        song = await deps.commit(lambda unit: unit.songs.get(song_id))
        if song is None:
            raise InternalError("broken")
        progress.show(song.status, song.progress)
        if song.status in ENDS:
            return
        supervisor.check()
        if time.monotonic() - looked > START_EVERY_S:  # a worker of somebody else may have ended
            looked = time.monotonic()
            await supervisor.start_missing()
        await asyncio.sleep(LOOK_EVERY_S)


def _check(story: SongStory) -> None:
    """Raise what ended the song without a result."""
    song = story.song
    if song.status == SongState.FAILED:
        facts = facts_of(song)
        kind = UserError if facts.pop("mendable", False) else InternalError
        raise kind(song.error_code or "broken", **facts)
    if song.status == SongState.CANCELLED:
        raise UserError("cancelled")


def _show(story: SongStory, out: Path, *, listener: str, as_json: bool) -> int:
    audio, waveform = files_of(story.song, out)
    if as_json:
        print(json.dumps(song_json(story, audio, waveform), ensure_ascii=False))  # noqa: T201
    else:
        show_song(story, audio, waveform, listener=listener)
    return 0


def files_of(song: SongRow, out: Path) -> tuple[Path, Path]:
    """Name the song's .mp3 and .png as TerminalChat wrote them."""
    locale = str((song.options or {}).get("locale", "en"))
    title = song_title(locale, label_from(song.emotion or "neutral"), song.genre or "")
    return song_files({"out": str(out)}, song.id, title)
