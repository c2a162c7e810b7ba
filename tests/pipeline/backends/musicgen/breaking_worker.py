"""A music worker whose device is lost at the first step; `test_music_worker.py` runs it as a program."""

from __future__ import annotations

import sys

from bot.cli.main import run
from pipeline.backends.musicgen.engine import Engine


def _lost(*_: object) -> None:
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


if __name__ == "__main__":
    Engine.advance = _lost  # type: ignore[method-assign, assignment]
    sys.exit(run(["--verbose", "worker", "music"]))
