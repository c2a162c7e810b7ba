"""The engine for CUDA: a step is a captured graph with fixed buffers, so the GPU never waits for Python.

One graph for each number of slots in use and each length of the past, both rounded up. Without CUDA the same step
runs uncaptured, which is how it is tested; lengths, steps and which songs live are then read from the same tensors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.musicgen import decoder, pattern
from pipeline.backends.musicgen.attention import MaskedAttention
from pipeline.backends.musicgen.engine import Conditions, Engine, SamplingParams
from pipeline.backends.musicgen.linears import Precision
from pipeline.backends.musicgen.network import Network
from pipeline.backends.musicgen.sampling import Choice

SPANS = (128, 256, 512, 768, 1024, 1536)  # positions attended to; beyond the last, all there are
ALIGNED = 8  # positions; a GPU's attention wants masks whose rows begin at multiples of 16 bytes
STEPS_AHEAD = 4  # how far Python may run ahead of the GPU, so that a cancelled song stops soon


class GraphEngine(Engine):
    """An Engine whose steps are the same sequence of kernels each time."""

    def __init__(
        self, network: Network, *, slots: int, frames: int, prepended: int = 0, precision: Precision = "bf16"
    ) -> None:
        used = prepended + pattern.steps_of(frames, network.delays)
        parking = ALIGNED - used % ALIGNED  # at least one position more than songs use
        super().__init__(
            network, slots=slots, frames=frames, prepended=prepended + parking, precision=precision, kernel=False
        )
        device = network.device
        self._steps_at = torch.zeros(slots, dtype=torch.long, device=device)  # `_at` and `_before`, on the device
        self._places = torch.zeros(slots, dtype=torch.long, device=device)
        self._live = torch.zeros(slots, dtype=torch.long, device=device)
        self._all = torch.arange(slots, device=device)
        self._fixed = self._choice(range(slots))
        self._graphs: dict[tuple[int, int], Callable[[], None]] = {}
        self._pool: Any = None  # of device memory, shared by all graphs
        self._running: deque[torch.cuda.Event] = deque()

    def assign(self, slot: int, settings: SamplingParams) -> None:
        super().assign(slot, settings)
        for name, value in (
            ("guidance", settings.guidance),
            ("temperature", settings.temperature),
            ("top_k", settings.top_k),
            ("top_p", settings.top_p),
        ):
            getattr(self._fixed, name)[slot] = value

    def open(self, slot: int, conditions: Conditions, *, codes: Tensor, frames: int) -> Iterator[None]:
        yield from super().open(slot, conditions, codes=codes, frames=frames)
        self._steps_at[slot] = self._at[slot]
        self._places[slot] = self._before[slot] + self._at[slot]

    def advance(self, active: Sequence[int]) -> None:
        """Replay the smallest graph that holds these slots and their pasts."""
        if tuple(active) != self._aimed:
            self._aimed = tuple(active)
            self._park(sorted(set(range(self.slots)) - set(active)))
        self._draw_noise(active)
        songs = _up_to(max(active) + 1, [2**n for n in range(8)], self.slots)
        longest = max(self._before[slot] + self._at[slot] + 1 for slot in active)
        span = _up_to(longest, SPANS, self.cache.span)
        self._graph(songs, span)()
        for slot in active:
            self._at[slot] += 1
        self._hold_back()

    def _park(self, idle: list[int]) -> None:
        """Let idle slots, which the graph steps too, write where no song ever looks."""
        self._live.fill_(1)
        self._live[idle] = 0
        self._steps_at[idle] = self._sequences.shape[2] - 2
        self._places[idle] = self.cache.span - 1

    def _graph(self, songs: int, span: int) -> Callable[[], None]:
        if (songs, span) not in self._graphs:
            attention = MaskedAttention(self.cache, songs=songs, span=span, positions=self._places)
            step, fixed = partial(decoder.step, self.network, attention=attention), self._fixed
            how = Choice(
                guidance=fixed.guidance[:songs],
                temperature=fixed.temperature[:songs],
                top_k=fixed.top_k[:songs],
                top_p=fixed.top_p[:songs],
                largest_k=self.network.card,
                uses_top_p=True,
            )

            def run() -> None:
                at, places = self._steps_at[:songs], self._places[:songs]
                attention.look()
                self._write(self._all[:songs], at, places, self._noise[:songs], how, step)
                at += self._live[:songs]
                places += self._live[:songs]

            self._graphs[songs, span] = self._captured(run) if self.network.device.type == "cuda" else run
        return self._graphs[songs, span]

    def _captured(self, run: Callable[[], None]) -> Callable[[], None]:
        """Record `run` once; warming up must not move any song, so what it writes is put back."""
        state = (self._sequences, self._steps_at, self._places)
        kept = [tensor.clone() for tensor in state]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):
                run()
                for tensor, value in zip(state, kept, strict=True):
                    tensor.copy_(value)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):  # others encode meanwhile
            run()
        self._pool = graph.pool()
        return graph.replay

    def _hold_back(self) -> None:
        """Wait for the step STEPS_AHEAD before this one."""
        if self.network.device.type != "cuda":
            return
        event = torch.cuda.Event()
        event.record()
        self._running.append(event)
        if len(self._running) > STEPS_AHEAD:
            self._running.popleft().synchronize()


def _up_to(value: int, sizes: Sequence[int], most: int) -> int:
    """The first of `sizes` that holds `value`, within `most`."""
    return min(most, *(size for size in sizes if size >= value), most)
