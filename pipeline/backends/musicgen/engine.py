"""The slots of songs, and the step that makes the next codes of all of them. Only the scheduler's thread calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pipeline.backends.musicgen import decoder, pattern, sampling
from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS, KVCache, write_prompt
from pipeline.backends.musicgen.linears import Precision, storage_dtype
from pipeline.backends.musicgen.network import Network

PREFILL_POSITIONS = 128  # written to the cache at once, between two steps of the other songs


@dataclass(frozen=True)
class Conditions:
    """What a window is conditioned on, in two rows (with the prompt, without), as audiocraft's fuser arranges it."""

    prompt: Tensor | None  # [2, tokens, dim], for attention to the text
    prepended: Tensor | None  # [2, positions, dim], before the music (melody models)


@dataclass(frozen=True)
class SamplingParams:
    """How one song's codes are chosen."""

    seed: int
    top_k: int = 250
    top_p: float = 0.0
    temperature: float = 1.0
    guidance: float = 3.0


class Engine:
    """A network with room for `slots` songs of up to `frames` frames a window, `prepended` positions before them."""

    def __init__(
        self,
        network: Network,
        *,
        slots: int,
        frames: int,
        prepended: int = 0,
        precision: Precision = "fp32",
        kernel: bool = True,
    ) -> None:
        device, steps = network.device, pattern.steps_of(frames, network.delays)
        self.network, self.slots, self.frames = network, slots, frames
        self.cache = KVCache(network, slots=slots, span=prepended + steps, dtype=storage_dtype(precision))
        self._step = self._choose_step(kernel=kernel)
        self._positions = decoder.position_table(network, self.cache.span)
        self._sequences = torch.full((slots, network.codebooks, steps + 1), network.card, device=device)
        self._noise = torch.ones(slots, network.codebooks, network.card, device=device)
        self._random = [torch.Generator(device) for _ in range(slots)]
        self._settings = [SamplingParams(seed=0)] * slots
        self._before = [0] * slots  # positions before the first step
        self._at = [0] * slots  # the step that is read next
        self._selected: tuple[int, ...] = ()
        self._index = torch.zeros(0, dtype=torch.long)
        self._how = self._choice(())

    def _choose_step(self, *, kernel: bool) -> Callable[[Tensor, Sequence[int], Sequence[int]], Tensor]:
        if kernel and self.network.device.type == "cpu":
            from pipeline.backends.musicgen import cpu_step  # numba is needed on CPUs only

            if cpu_step.suits(self.network, self.cache):
                return cpu_step.CompiledStep(self.network, self.cache)
        return partial(decoder.step_alone, self.network, self.cache)

    def assign(self, slot: int, settings: SamplingParams) -> None:
        """Prepare a slot for a song; the song's random numbers start here and go on through all its windows."""
        self._settings[slot] = settings
        self._random[slot].manual_seed(settings.seed)
        self._selected = ()

    def open(self, slot: int, conditions: Conditions, *, codes: Tensor, frames: int) -> Iterator[None]:
        """Begin a window of `frames`, the first of which have `codes` [codebooks, n]; each `next` prefills a part."""
        network, known = self.network, codes.shape[1]
        sequence = pattern.lay_out(codes, frames=frames, delays=network.delays, special=network.card)
        self._sequences[slot, :, : sequence.shape[1]] = sequence
        if conditions.prompt is not None:
            write_prompt(network, self.cache, slot, conditions.prompt)
        x = decoder.embed(network, sequence[:, :known].T).expand(2, -1, -1)  # [2, known, dim]
        if conditions.prepended is not None:
            x = torch.cat([conditions.prepended.float(), x], dim=1)
        x = x + self._positions[: x.shape[1]]
        self._before[slot], self._at[slot] = x.shape[1] - known, known
        for start in range(0, x.shape[1], PREFILL_POSITIONS):
            chunk = x[:, start : start + PREFILL_POSITIONS]
            decoder.prefill(network, self.cache, slot, chunk, start=start)
            yield

    def advance(self, active: Sequence[int]) -> None:
        """Take one step for the songs in these slots."""
        self._select(tuple(active))
        at = [self._at[slot] for slot in active]
        places = [self._before[slot] + step for slot, step in zip(active, at, strict=True)]
        lengths = [place + 1 for place in places]
        self._draw_noise(active)
        noise = self._noise[self._index]

        def step(x: Tensor) -> Tensor:
            return self._step(x, active, lengths)

        self._write(self._index, torch.tensor(at), torch.tensor(places), noise, self._how, step)
        for slot in active:
            self._at[slot] += 1

    def _write(
        self,
        index: Tensor,
        at: Tensor,
        places: Tensor,
        noise: Tensor,
        how: sampling.Choice,
        step: Callable[[Tensor], Tensor],
    ) -> None:
        """Read the codes at step `at` of the slots in `index`, write those of the next step; tensors are [songs].

        step: [songs * GUIDANCE_ROWS, dim] -> logits [songs, GUIDANCE_ROWS, codebooks, card].
        """
        codes = self._sequences[index, :, at].clamp(min=0)  # [songs, codebooks]; idle slots may hold UNKNOWN
        x = decoder.embed(self.network, codes) + self._positions[places]
        logits = step(x[:, None].expand(-1, GUIDANCE_ROWS, -1).flatten(0, 1))
        drawn = sampling.choose(sampling.guide(logits, how.guidance), noise, how)
        following = self._sequences[index, :, at + 1]
        self._sequences[index, :, at + 1] = torch.where(following == pattern.UNKNOWN, drawn, following)

    def _draw_noise(self, active: Sequence[int]) -> None:
        for slot in active:
            self._noise[slot].exponential_(1, generator=self._random[slot])

    def complete(self, slot: int) -> int:
        """Count the frames of the open window that have all their codes."""
        return pattern.complete_frames(self._at[slot], self.network.delays)

    def codes(self, slot: int, start: int, stop: int) -> Tensor:
        """Copy frames start..stop of the open window: [codebooks, stop - start]."""
        return pattern.gather(self._sequences[slot], start=start, stop=stop, delays=self.network.delays)

    def _select(self, active: tuple[int, ...]) -> None:
        if active != self._selected:
            self._index = torch.tensor(active, device=self.network.device)
            self._how = self._choice(active)
            self._selected = active

    def _choice(self, active: Sequence[int]) -> sampling.Choice:
        chosen, device = [self._settings[slot] for slot in active], self.network.device

        def column(values: list[float], dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.tensor(values, dtype=dtype, device=device).view(-1, 1, 1)

        return sampling.Choice(
            guidance=column([s.guidance for s in chosen]),
            temperature=column([s.temperature for s in chosen]),
            top_k=column([s.top_k for s in chosen], torch.long),
            top_p=column([s.top_p for s in chosen]),
            largest_k=max((s.top_k for s in chosen), default=0),
            uses_top_p=any(s.top_p > 0 for s in chosen),
        )
