"""How fast this machine steps a model: for choosing an engine, for `doctor` and for the bench."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import torch

from pipeline.backends.musicgen.engine import Conditions, Engine, Settings


def fill(engine: Engine, slots: Sequence[int], *, past: int, steps: int, tokens: int = 60) -> None:
    """Seat songs that have `past` frames behind them and room for `steps` more; their words are noise."""
    network = engine.network
    prompt = torch.randn(2, tokens, network.dim, device=network.device)
    prompt[1] = 0
    codes = torch.randint(0, network.card, (network.books, past), device=network.device)
    for slot in slots:
        engine.seat(slot, Settings(seed=slot))
        conditions = Conditions(prompt=prompt if network.layers[0].cross else None, prepended=None)
        for _ in engine.open(slot, conditions, codes=codes, frames=min(engine.frames, past + steps)):
            pass


def step_times(engine: Engine, slots: Sequence[int], steps: int) -> list[float]:
    """Seconds of each of `steps` steps."""
    times = []
    for _ in range(steps):
        started = time.perf_counter()
        engine.advance(slots)
        if engine.network.device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return times


def measure(engine: Engine, *, frame_rate: int, steps: int = 30) -> float:
    """Seconds of work for a second of one song, at 5 s into it, decoding to sound not counted."""
    past = min(250, engine.frames // 2)
    fill(engine, [0], past=past, steps=steps + 5)
    step_times(engine, [0], 5)
    return statistics.median(step_times(engine, [0], steps)) * frame_rate
