"""The engine for CUDA, run without it: the same codes, by steps that a graph can record."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pipeline.backends.musicgen.cuda_graphs import GraphEngine
from pipeline.backends.musicgen.loading import Loaded
from pipeline.backends.musicgen.network import read_network
from pipeline.backends.musicgen.scheduler import Scheduler
from tests.pipeline.backends.musicgen.songs import (
    FRAMES,
    GIVEN,
    LENGTHS,
    engine_of,
    make_all,
    make_song,
    running,
    start,
)

__all__ = ["running"]  # a fixture


def test_fixed_shapes_for_graphs_give_the_same_codes(text: Loaded, running: list[Scheduler]) -> None:
    network = read_network(text.lm, precision="fp32")
    fixed = start(running, GraphEngine(network, slots=3, frames=FRAMES, precision="fp32"))
    plain = start(running, engine_of(text, slots=1))

    together = make_all(fixed, [make_song(text, n, seconds=LENGTHS[n], given=GIVEN[n]) for n in range(6)])
    solo = [make_all(plain, [make_song(text, n, seconds=LENGTHS[n], given=GIVEN[n])])[0] for n in range(6)]

    assert [torch.equal(a, b) for a, b in zip(together, solo, strict=True)] == [True] * 6


class Recordable(TorchDispatchMode):
    """Refuses what a CUDA graph cannot record: answers to the host, numbers from it, shapes that depend on data."""

    REFUSED: ClassVar = {"_local_scalar_dense", "lift_fresh", "nonzero", "masked_select", "unique_dim", "is_nonzero"}

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own has no annotations
        self.seen = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        assert name not in self.REFUSED, name
        if name == "where":  # a number in it is a tensor on the CPU, which torch copies to the GPU first
            assert all(tensor.dim() for tensor in args)
        self.seen += 1
        return func(*args, **(kwargs or {}))


def test_a_graphs_step_can_be_recorded(text: Loaded) -> None:
    engine = GraphEngine(read_network(text.lm, precision="bf16"), slots=2, frames=FRAMES)
    song = make_song(text, 1)
    with torch.no_grad():
        engine.assign(0, song.settings)
        for _ in engine.open(0, song.conditions[0], codes=song.given, frames=40):
            pass
        engine.advance([0])
        with Recordable() as recording:
            next(iter(engine._graphs.values()))()

    assert engine.cache.span % 8 == 0
    assert recording.seen > 100
