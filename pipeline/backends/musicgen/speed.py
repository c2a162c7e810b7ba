"""Measures how long a decoding step takes on this machine: for the choice of an engine, `doctor` and the bench."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from pipeline.backends.musicgen import linears
from pipeline.backends.musicgen.cuda_graphs import GraphEngine
from pipeline.backends.musicgen.engine import Conditions, Engine, SamplingParams
from pipeline.backends.musicgen.network import drop_transformer, read_network


def fill(
    engine: Engine, slots: Sequence[int], *, past: int, steps: int, tokens: int = 60, steered: bool = False
) -> None:
    """Put songs with random prompts into slots, `past` frames after their start and `steps` before their end.

    steered: the unconditional row has a prompt of the same length too.
    The cache is filled with one number: the time to read it does not depend on its values. Memory that was never
    written would be faster, since the system maps all of it to one page.
    """
    network = engine.network
    prompt = torch.randn(2, tokens, network.dim, device=network.device)
    if not steered:
        prompt[1] = 0
    nothing = torch.zeros(network.codebooks, 0, dtype=torch.long, device=network.device)
    for slot in slots:
        engine.assign(slot, SamplingParams(seed=slot))
        conditions = Conditions(prompt=prompt if network.layers[0].cross else None, prepended=None)
        for _ in engine.open(slot, conditions, codes=nothing, frames=min(engine.frames, past + steps)):
            pass
    engine.cache.keys.fill_(0.01)
    engine.cache.values.fill_(0.01)
    set_step(engine, slots, past)


def set_step(engine: Engine, slots: Sequence[int], past: int) -> None:
    """Set songs to a step of their window, so that the same steps can be measured again."""
    for slot in slots:
        engine._at[slot] = past
        if isinstance(engine, GraphEngine):
            engine._steps_at[slot] = past
            engine._places[slot] = engine._before[slot] + past


def step_times(engine: Engine, slots: Sequence[int], steps: int) -> list[float]:
    """Measure `steps` steps in seconds; on a GPU, where Python runs ahead of it, give their mean for each."""
    if engine.network.device.type == "cuda":
        started = time.perf_counter()
        for _ in range(steps):
            engine.advance(slots)
        torch.cuda.synchronize()
        return [(time.perf_counter() - started) / steps] * steps
    times = []
    for _ in range(steps):
        started = time.perf_counter()
        engine.advance(slots)
        times.append(time.perf_counter() - started)
    return times


def measure(engine: Engine, *, frame_rate: int, steps: int = 30) -> float:
    """Measure the seconds of work for a second of one song, 5 s after its start, without decoding to sound."""
    past = min(250, engine.frames // 2)
    fill(engine, [0], past=past, steps=steps + 5)
    step_times(engine, [0], 5)
    return statistics.median(step_times(engine, [0], steps)) * frame_rate


def measure_model(model: str, home: Path, *, precision: linears.Precision | None = None) -> float:
    """Load a model on the CPU and measure it; raises as `loading.load` does."""
    from pipeline.backends.musicgen.loading import load  # needs audiocraft, which `measure` does not

    loaded = load(model, home)
    chosen = precision or linears.default_precision("cpu")
    with torch.inference_mode():
        network = read_network(loaded.lm, precision=chosen)
        drop_transformer(loaded.lm)
        frames = int(loaded.window_s * loaded.frame_rate)
        engine = Engine(network, slots=1, frames=frames, precision=chosen)
        return measure(engine, frame_rate=loaded.frame_rate)
