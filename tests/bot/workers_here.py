"""Both workers on their real queues inside the test's own process, with the real mood reader and the sketch engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.wiring import Process
from bot.workers.arq_worker import make_worker, working
from handlers.jobs.draft import draft_song
from handlers.jobs.render import render_song
from pipeline.backends.deepface.reader import DeepFaceReader
from pipeline.backends.sketch.composer import SketchComposer


@asynccontextmanager
async def workers_here(process: Process, weights_home: Path) -> AsyncIterator[None]:
    """Let both work while the body runs."""
    async with DeepFaceReader(weights_home, detector="auto") as reader:
        draft = partial(draft_song, deps=process.deps, reader=reader, writer=None)
        music = partial(render_song, deps=process.deps, composers=[SketchComposer()])
        async with (
            working(partial(make_worker, "draft", "", draft, process, max_jobs=1)),
            working(partial(make_worker, "music", "", music, process, max_jobs=1)),
        ):
            yield
