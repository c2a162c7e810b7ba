"""`selfietune try`: a song by the same way as from a chat, with this process as the chat."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from bot.arq_worker import delivering
from bot.cli.progress import Progress
from bot.cli.ready import make_ready
from bot.cli.sampling import sampling
from bot.cli.servers import WorkerProcess, redis_for, workers_for
from bot.cli.song_json import song_json
from bot.cli.summary import show_song
from bot.errors import Broken, Misuse
from bot.settings import Settings
from bot.terminal_chat import PLATFORM, TerminalChat, song_files
from bot.wiring import Process, open_process
from handlers.cancelling import cancel_song
from handlers.delivering import facts_of
from handlers.desk import Desk
from handlers.events import SelfieReceived, Sender
from handlers.history import SongStory, song_story
from handlers.listeners import locale_of_listener
from handlers.records import label_from
from handlers.selfie import MAX_SELFIE_BYTES, receive_selfie
from handlers.texts import song_title
from handlers.wish import Wish
from storage.songs import SongRow
from storage.states import ENDS, State

LOOK_EVERY_S = 0.1
UNLIMITED = 1_000_000  # who sits at the machine shares it with nobody


async def main(options: argparse.Namespace, settings: Settings) -> int:
    data = _read(Path(options.file))
    out = Path.cwd() / options.out
    sender = Sender(PLATFORM, options.listener, options.listener)
    settings = settings.model_copy(update={"songs_in_work": UNLIMITED, "songs_per_day": UNLIMITED})
    async with redis_for(settings) as redis_url:
        await make_ready(settings)
        async with open_process(settings, redis_url) as process:
            chat = TerminalChat(process.desk.media)
            locale = await locale_of_listener(sender, desk=process.desk)
            wish = Wish(
                duration_s=options.duration,
                mood=options.mood,
                seed=options.seed,
                engine=options.engine,
                locale=locale,
                **sampling(options),
            )
            event = SelfieReceived(sender, data, {"out": str(out)}, wish)
            async with workers_for(settings, redis_url, process.pool) as workers, delivering(chat, process):
                story = await _follow(event, workers, process)
    _check(story)
    return _show(story, out, as_json=options.json)


async def _follow(event: SelfieReceived, workers: list[WorkerProcess], process: Process) -> SongStory:
    """Send the selfie off and watch its row until it ends; Ctrl-C cancels the song, not only the watching."""
    desk = process.desk
    song_id = await receive_selfie(event, desk=desk)
    try:
        with Progress(event.wish.locale) as progress:
            await _watch(song_id, progress, workers, desk=desk)
    except asyncio.CancelledError:
        await cancel_song(song_id, by=event.sender, desk=desk)
        raise
    return await song_story(song_id, desk=desk)


async def _watch(song_id: int, progress: Progress, workers: list[WorkerProcess], *, desk: Desk) -> None:
    while True:
        song = await desk.commit(lambda unit: unit.songs.get(song_id))
        if song is None:
            raise Broken("broken")
        progress.show(song.status, song.progress)
        if song.status in ENDS:
            return
        for worker in workers:
            worker.check()
        await asyncio.sleep(LOOK_EVERY_S)


def _read(file: Path) -> bytes:
    """Read the picture; nothing larger than a chat would let through comes into memory."""
    try:
        size = file.stat().st_size
        if size > MAX_SELFIE_BYTES:
            raise Misuse("file_too_large", megabytes=round(size / 1e6, 1), limit=MAX_SELFIE_BYTES // 1_000_000)
        return file.read_bytes()
    except FileNotFoundError as error:
        raise Misuse("no_such_file", file=str(file)) from error
    except OSError as error:
        raise Misuse("unreadable_file", file=str(file), problem=error.strerror or "unreadable") from error


def _check(story: SongStory) -> None:
    """Raise what ended the song without a result."""
    song = story.song
    if song.status == State.FAILED:
        facts = facts_of(song)
        kind = Misuse if facts.pop("mendable", False) else Broken
        raise kind(song.error_code or "broken", **facts)
    if song.status == State.CANCELLED:
        raise Misuse("cancelled")


def _show(story: SongStory, out: Path, *, as_json: bool) -> int:
    audio, waveform = files_of(story.song, out)
    if as_json:
        print(json.dumps(song_json(story, audio, waveform), ensure_ascii=False))  # noqa: T201
    else:
        show_song(story, audio, waveform)
    return 0


def files_of(song: SongRow, out: Path) -> tuple[Path, Path]:
    """Where TerminalChat has put the song's .mp3 and .png."""
    locale = str((song.wish or {}).get("locale", "en"))
    title = song_title(locale, label_from(song.emotion or "neutral"), song.genre or "")
    return song_files({"out": str(out)}, song.id, title)
