"""The worker processes: which engines each opens, and which job it serves. Handlers do the work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bot.engines import open_composers, open_writer
from bot.settings import Settings
from bot.wiring import Process, open_process
from bot.workers.arq_worker import make_worker, serve
from pipeline.audio.composer import Composer
from pipeline.errors import EngineFailed

SPARE_THREADS = 8  # beside those that compose: files, mp3s, recordings
DRAFT_JOBS = 8  # reading is one at a time anyway; drafts of others wait for the LLM meanwhile


async def run_draft_worker(settings: Settings, redis_url: str) -> None:
    """Read moods and write plans until told to stop."""
    from handlers.jobs.draft import draft_song
    from pipeline.backends.deepface.reader import DeepFaceReader

    async with (
        open_process(settings, redis_url) as process,
        DeepFaceReader(settings.weights_home, detector=settings.face_detector) as reader,
        open_writer(settings) as writer,
    ):
        await reader.warm()  # about 2 s, which the first photo would wait otherwise
        job = partial(draft_song, deps=process.deps, reader=reader, writer=writer)
        await serve(partial(make_worker, "draft", "", job, process, max_jobs=DRAFT_JOBS))


async def run_music_worker(settings: Settings, redis_url: str) -> None:
    """Render songs until told to stop, or until an engine breaks: then raise EngineFailed "engine_crashed".

    The supervisor of the process starts the next one, which takes the songs that this one released.
    """
    composers = await asyncio.to_thread(open_composers, settings)
    try:
        async with open_process(settings, redis_url) as process:
            await serve_music(composers, process)
    finally:
        for composer in composers:
            composer.close()


def lend_threads(songs: int) -> None:
    """Size the thread pool for so many songs at once: asyncio's own has four threads more than there are cores."""
    pool = ThreadPoolExecutor(songs + SPARE_THREADS, thread_name_prefix="worker")
    asyncio.get_running_loop().set_default_executor(pool)


async def serve_music(composers: Sequence[Composer], process: Process) -> None:
    """Work on the music queue with these engines, the first of which decides how many songs there are at once."""
    from handlers.jobs.render import render_song

    lend_threads(composers[0].slots)
    stopping = asyncio.Event()

    def broken() -> bool:
        return any(composer.broken for composer in composers)

    async def job(song_id: int) -> None:
        if not broken():
            await render_song(song_id, deps=process.deps, composers=composers)
        if broken():
            stopping.set()
            await asyncio.Event().wait()  # keep the slot until the worker ends: the next song would fail as well

    await serve(partial(make_worker, "music", "", job, process, max_jobs=composers[0].slots), stopping=stopping)
    if broken():
        raise EngineFailed("engine_crashed")
