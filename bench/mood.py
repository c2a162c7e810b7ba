"""Reading a mood: cold, warm, and against bare DeepFace on the same photo."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from bench.measure import Row, median_ms_async
from pipeline.backends.deepface.reader import DeepFaceReader
from pipeline.faces.read_mood import read_mood

RUNS = 15

# In a process of its own: DeepFace reads its backend and home from the environment when it is imported.
BARE = """
import statistics, sys, time
from deepface import DeepFace
def once():
    started = time.perf_counter()
    DeepFace.analyze(sys.argv[1], actions=["emotion"], detector_backend="opencv", silent=True)
    return (time.perf_counter() - started) * 1000
once()
print(statistics.median(once() for _ in range(int(sys.argv[2]))))
"""


async def measure(photo: Path, home: Path) -> list[Row]:
    data = await asyncio.to_thread(photo.read_bytes)
    async with DeepFaceReader(home, detector="opencv") as reader:
        started = time.perf_counter()
        await read_mood(data, reader=reader)
        cold = (time.perf_counter() - started) * 1000
        warm = await median_ms_async(lambda: read_mood(data, reader=reader), runs=RUNS)
    bare = _bare_ms(photo, home)
    return [
        Row("mood, cold (a process starts)", cold, "ms"),
        Row("mood, warm", warm, "ms"),
        Row("bare DeepFace.analyze, warm", bare, "ms"),
        Row("mood, warm / bare DeepFace", warm / bare, "×"),
    ]


def _bare_ms(photo: Path, home: Path) -> float:
    environment = {"DEEPFACE_HOME": str(home), "DEEPFACE_BACKEND_ENGINE": "onnx", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", BARE, str(photo), str(RUNS)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )
    return float(done.stdout.split()[-1])
