"""The worker processes: which engines each opens, and which job it serves. Handlers do the work."""

from __future__ import annotations

from functools import partial

from bot.arq_worker import make_worker, serve
from bot.engines import open_composer, open_writer
from bot.settings import Settings
from bot.wiring import open_process

DRAFT_JOBS = 8  # reading is one at a time anyway; drafts of others wait for the LLM meanwhile


async def run_draft_worker(settings: Settings, redis_url: str) -> None:
    """Read moods and write plans until told to stop."""
    from handlers.drafting import draft_song
    from pipeline.backends.deepface_reader import DeepFaceReader

    async with (
        open_process(settings, redis_url) as process,
        DeepFaceReader(settings.weights_home, detector=settings.face_detector) as reader,
        open_writer(settings) as writer,
    ):
        await reader.warm()  # about 2 s; without it the first photo would wait for them
        job = partial(draft_song, desk=process.desk, reader=reader, writer=writer)
        await serve(partial(make_worker, "draft", "", job, process, max_jobs=DRAFT_JOBS))


async def run_music_worker(settings: Settings, redis_url: str) -> None:
    """Render songs until told to stop."""
    from handlers.rendering import render_song

    composer = open_composer(settings.music_engine)
    async with open_process(settings, redis_url) as process:
        job = partial(render_song, desk=process.desk, composer=composer)
        await serve(partial(make_worker, "music", "", job, process, max_jobs=composer.slots))
