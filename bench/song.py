"""A whole song through real workers, what of it is ours, a queue hop, and what each process weighs."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from functools import partial
from pathlib import Path

import psutil

from bench.measure import Row, percentile
from bot.cli.database import make_ready
from bot.cli.embedded_redis import embedded_redis
from bot.cli.song_json import timings_ms
from bot.cli.terminal_chat import PLATFORM, TerminalChat
from bot.cli.worker_supervisor import WorkerProcess, WorkerSupervisor, workers_for
from bot.settings import Settings
from bot.wiring import Process, open_process
from bot.workers.arq_worker import delivering, make_worker, working
from handlers.events import SelfieReceived, Sender
from handlers.intake.selfie import receive_selfie
from handlers.library.story import SongStory, song_story
from handlers.song_options import SongOptions
from storage.song_states import ENDS, SongState

SONGS = 5
HOPS = 200
LOOK_EVERY_S = 0.01


async def measure(photo: Path, folder: Path, home: Path) -> list[Row]:
    data = await asyncio.to_thread(photo.read_bytes)
    os.environ |= {"DATA_DIR": str(folder), "DEEPFACE_HOME": str(home)}  # the workers read them too
    settings = Settings.read()
    async with embedded_redis() as redis_url:
        await make_ready(settings)
        async with open_process(settings, redis_url) as process:
            hops = await _hops_ms(process)
            chat = TerminalChat(process.deps.media)
            async with workers_for(settings, redis_url, process.pool) as supervisor, delivering(chat, process):
                stories = [await _song(data, folder, process, supervisor, seed) for seed in range(SONGS + 1)][1:]
                memory = [_memory(worker) for worker in supervisor.workers.values()]
    return [
        Row("queue hop, p50", percentile(hops, 0.5), "ms"),
        Row("queue hop, p95", percentile(hops, 0.95), "ms"),
        Row("whole song of 30 s, p50", statistics.median(timings_ms(story)["total"] for story in stories), "ms"),
        Row("of it neither engines' nor encoder's", statistics.median(map(_ours_ms, stories)), "ms", goal=300),
        *memory,
    ]


async def _song(data: bytes, folder: Path, process: Process, supervisor: WorkerSupervisor, seed: int) -> SongStory:
    event = SelfieReceived(
        Sender(PLATFORM, "bench", "bench"), data, {"out": str(folder / "out")}, SongOptions(seed=seed)
    )
    song_id = await receive_selfie(event, deps=process.deps)
    while True:
        story = await song_story(song_id, deps=process.deps)
        if story.song.status in ENDS:
            assert story.song.status == SongState.DELIVERED, story.song.error_code
            return story
        supervisor.check()
        await asyncio.sleep(LOOK_EVERY_S)


def _ours_ms(story: SongStory) -> float:
    """Everything but DeepFace, the writer, the engine and finishing: queue, database, files, delivery."""
    taken = timings_ms(story)
    return taken["total"] - sum(ms for stage, ms in taken.items() if stage != "total")


async def _hops_ms(process: Process) -> list[float]:
    """Time from put() to the job's first line, one at a time, on an idle worker."""
    began: asyncio.Queue[float] = asyncio.Queue()

    async def job(_: int) -> None:
        began.put_nowait(time.perf_counter())

    hops = []
    async with working(partial(make_worker, "deliver", "bench", job, process, max_jobs=1)):
        for number in range(HOPS):
            put = time.perf_counter()
            await process.deps.queue.put("deliver", number, attempt=0, platform="bench")
            hops.append((await began.get() - put) * 1000)
    return hops


def _memory(worker: WorkerProcess) -> Row:
    """Resident memory with all children: DeepFace's process counts to the draft worker."""
    process = psutil.Process(worker.process.pid)
    whole = sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
    return Row(f"resident memory, {worker.kind} worker", whole / 1e6, "MB")
