"""Songs for schedulers, each unlike its neighbours, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
import torch
from torch import Tensor

from pipeline.backends.musicgen.conditions import encode
from pipeline.backends.musicgen.engine import Engine, SamplingParams
from pipeline.backends.musicgen.generation_request import GenerationRequest, plan_windows
from pipeline.backends.musicgen.linears import Precision
from pipeline.backends.musicgen.loading import Loaded
from pipeline.backends.musicgen.network import read_network
from pipeline.backends.musicgen.scheduler import Scheduler

FRAMES = 60  # of a window, in these tests


def make_song(
    loaded: Loaded, number: int, *, seconds: float = 0.8, given: int = 0, listener: int | None = None
) -> GenerationRequest:
    """A song unlike its neighbours: own seed, words, length and way of choosing codes."""
    ways = [
        SamplingParams(seed=number, top_k=20),
        SamplingParams(seed=number, top_k=0, top_p=0.7, guidance=1.0),
        SamplingParams(seed=number, temperature=0.0),
        SamplingParams(seed=number, top_k=50, temperature=1.3, guidance=5.0),
    ]
    windows = plan_windows(seconds, given=given, frame_rate=50, window_s=FRAMES / 50, stride_s=0.6)
    encoded = encode(loaded, " ".join(["warm bass and soft drums"] * (1 + number % 3)))
    codes = torch.randint(0, 64, (4, given), generator=torch.Generator().manual_seed(number))
    return GenerationRequest(ways[number % 4], windows, [encoded] * len(windows), codes, stride=30, listener=listener)


def codes_of(song: GenerationRequest) -> Tensor:
    """Wait for a song's codes."""
    parts = []
    while (item := song.out.get(timeout=60)) is not None:
        if isinstance(item, Exception):
            raise item
        parts.append(item)
    return torch.cat(parts, dim=1)


def make_all(scheduler: Scheduler, songs: Sequence[GenerationRequest]) -> list[Tensor]:
    for song in songs:
        scheduler.submit(song)
    return [codes_of(song) for song in songs]


@pytest.fixture
def running() -> Iterator[list[Scheduler]]:
    """Schedulers put here are closed at the end."""
    schedulers: list[Scheduler] = []
    yield schedulers
    for scheduler in schedulers:
        scheduler.close()


def start(running: list[Scheduler], engine: Engine, *, chunk_frames: int = 16) -> Scheduler:
    running.append(Scheduler(engine, chunk_frames=chunk_frames))
    return running[-1]


def engine_of(loaded: Loaded, *, slots: int, precision: Precision = "fp32", kernel: bool = False) -> Engine:
    network = read_network(loaded.lm, precision=precision)
    return Engine(network, slots=slots, frames=FRAMES, precision=precision, kernel=kernel)


LENGTHS = [0.8, 0.3, 2.9, 1.1, 0.5, 1.9]  # seconds; more songs than slots, two of them in several windows
GIVEN = [0, 7, 0, 20, 0, 11]
