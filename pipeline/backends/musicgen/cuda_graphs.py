"""The engine for CUDA: a step is a captured graph with fixed buffers, so the GPU never waits for Python.

There is one graph for each number of slots in use and each length of the past, both rounded up. Lengths, steps and
which slots are in use are read from tensors on the device. Without CUDA, as in tests, the same step runs uncaptured.
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

SPANS = (128, 256, 512, 768, 1024, 1536)  # positions attended to; longer pasts take the whole cache
ALIGNED = 8  # positions; a GPU's attention needs masks whose rows begin at multiples of 16 bytes
STEPS_AHEAD = 4  # how far Python may run ahead of the GPU, so that a cancelled song stops soon


class GraphEngine(Engine):
    """An Engine whose steps are recorded once and replayed."""

    def __init__(
        self, network: Network, *, slots: int, frames: int, prepended: int = 0, precision: Precision = "bf16"
    ) -> None:
        used = prepended + pattern.steps_of(frames, network.delays)
        spare = ALIGNED - used % ALIGNED  # at least one position that no song uses: idle slots write there
        super().__init__(
            network, slots=slots, frames=frames, prepended=prepended + spare, precision=precision, kernel=False
        )
        device = network.device
        self._steps_at = torch.zeros(slots, dtype=torch.long, device=device)  # `_at` and `_before`, on the device
        self._places = torch.zeros(slots, dtype=torch.long, device=device)
        self._active = torch.zeros(slots, dtype=torch.long, device=device)  # 1 or 0
        self._all = torch.arange(slots, device=device)
        self._settings_of_all = self._choice(range(slots))
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
            getattr(self._settings_of_all, name)[slot] = value

    def open(self, slot: int, conditions: Conditions, *, codes: Tensor, frames: int) -> Iterator[None]:
        yield from super().open(slot, conditions, codes=codes, frames=frames)
        self._steps_at[slot] = self._at[slot]
        self._places[slot] = self._before[slot] + self._at[slot]

    def advance(self, active: Sequence[int]) -> None:
        """Replay the smallest graph that holds these slots and their pasts."""
        if tuple(active) != self._selected:
            self._selected = tuple(active)
            self._set_idle(sorted(set(range(self.slots)) - set(active)))
        self._draw_noise(active)
        songs = _up_to(max(active) + 1, [2**n for n in range(8)], self.slots)
        longest = max(self._before[slot] + self._at[slot] + 1 for slot in active)
        span = _up_to(longest, SPANS, self.cache.span)
        self._graph(songs, span)()
        for slot in active:
            self._at[slot] += 1
        self._wait_for_earlier_step()

    def _set_idle(self, idle: list[int]) -> None:
        """Let idle slots, which the graph steps as well, write to the last position, which no song reads."""
        self._active.fill_(1)
        self._active[idle] = 0
        self._steps_at[idle] = self._sequences.shape[2] - 2
        self._places[idle] = self.cache.span - 1

    def _graph(self, songs: int, span: int) -> Callable[[], None]:
        if (songs, span) not in self._graphs:
            attention = MaskedAttention(self.cache, songs=songs, span=span, positions=self._places)
            step, settings = partial(decoder.step, self.network, attention=attention), self._settings_of_all
            how = Choice(
                guidance=settings.guidance[:songs],
                temperature=settings.temperature[:songs],
                top_k=settings.top_k[:songs],
                top_p=settings.top_p[:songs],
                largest_k=self.network.card,
                uses_top_p=True,
            )

            def run() -> None:
                at, places = self._steps_at[:songs], self._places[:songs]
                attention.update_masks()
                self._write(self._all[:songs], at, places, self._noise[:songs], how, step)
                at += self._active[:songs]
                places += self._active[:songs]

            self._graphs[songs, span] = self._captured(run) if self.network.device.type == "cuda" else run
        return self._graphs[songs, span]

    def _captured(self, run: Callable[[], None]) -> Callable[[], None]:
        """Record `run` as a graph, after runs that warm up; what those write is undone, so that no song moves."""
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
        # Other threads may encode prompts on the GPU meanwhile, which "thread_local" allows.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            run()
        self._pool = graph.pool()
        return graph.replay

    def _wait_for_earlier_step(self) -> None:
        """Wait until the GPU has done the step STEPS_AHEAD before this one."""
        if self.network.device.type != "cuda":
            return
        event = torch.cuda.Event()
        event.record()
        self._running.append(event)
        if len(self._running) > STEPS_AHEAD:
            self._running.popleft().synchronize()


def _up_to(value: int, sizes: Sequence[int], most: int) -> int:
    """Give the first of `sizes` that is at least `value`, but not more than `most`."""
    return min(most, *(size for size in sizes if size >= value), most)
