"""The decoders that `bench.musicgen` measures, with random weights: speed does not depend on them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.musicgen import audiocraft_compat, linears, speed
from pipeline.backends.musicgen.cuda_graphs import GraphEngine
from pipeline.backends.musicgen.engine import Engine
from pipeline.backends.musicgen.network import Cross, Layer, Network, Norm

FRAME_RATE = 50
TOKENS = 60  # of a prompt
BURST = 6  # steps measured in a row before the next contestant has its turn


@dataclass(frozen=True)
class Sizes:
    dim: int
    layers: int
    heads: int


SIZES = {
    "small": Sizes(1024, 24, 16),
    "medium": Sizes(1536, 48, 24),
    "large": Sizes(2048, 48, 32),
    "tiny": Sizes(64, 2, 4),  # to try the bench itself
}


@dataclass
class Contestant:
    """Something that takes steps; `burst` returns the seconds of each."""

    name: str
    songs: int
    past: int
    bytes_read: int  # weights and cache that a step must read
    burst: Callable[[], list[float]]
    rounds: list[float] = field(default_factory=list)  # median seconds of a step, of each burst

    def take_turn(self) -> None:
        """Run a burst; its first step, which finds others' data in the caches, does not count."""
        self.rounds.append(statistics.median(self.burst()[1:]))

    @property
    def ms(self) -> float:
        return statistics.median(self.rounds) * 1000

    def times(self, other: Contestant) -> float:
        """How many times as fast this is as another: the median over rounds, in each of which both had their turn."""
        return statistics.median(theirs / mine for mine, theirs in zip(self.rounds, other.rounds, strict=True))

    def share(self, memory: Contestant) -> float:
        """How much of the speed at which memory was read in the same rounds this reads at."""
        return self.times(memory) * self.bytes_read / memory.bytes_read


def memory_reader(device: str) -> Contestant:
    """Reads 1 GB in a step: the fastest that a decoder can be."""
    block = torch.ones(256 << 20, dtype=torch.float32, device=device)

    def burst() -> list[float]:
        times = []
        for _ in range(3):
            started = time.perf_counter()
            block.sum()
            settle(block.device)
            times.append(time.perf_counter() - started)
        return times

    return Contestant("memory", 0, 0, block.numel() * 4, burst)


def build_lm(sizes: Sizes, device: str) -> Any:
    """Make audiocraft's language model with random weights, on a GPU in float16 as its loader does."""
    audiocraft_compat.register_stubs()
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.codebooks_patterns import DelayedPatternProvider
    from audiocraft.modules.conditioners import ConditionFuser, ConditioningProvider

    torch.manual_seed(0)
    fuser = ConditionFuser({"cross": ["description"], "prepend": [], "sum": [], "input_interpolate": []})
    lm = LMModel(
        DelayedPatternProvider(4), ConditioningProvider({}), fuser, n_q=4, card=2048, dim=sizes.dim,
        num_heads=sizes.heads, hidden_scale=4, norm="layer_norm", norm_first=True, bias_proj=False,
        num_layers=sizes.layers, dropout=0.0, activation="gelu", bias_ff=False, bias_attn=False, causal=True,
        memory_efficient=True, cross_attention=True, device=device,
        dtype=torch.float32 if device == "cpu" else torch.float16,
    )  # fmt: skip
    return lm.to(device).eval().requires_grad_(requires_grad=False)


def random_network(sizes: Sizes, precision: linears.Precision, device: str) -> Network:
    """Our layout of such a model without audiocraft; small weights, so that sums stay finite in half precision."""
    torch.manual_seed(0)

    def linear(rows: int, columns: int) -> linears.Linear:
        weight = torch.randn(rows, columns, device=device, dtype=linears.storage_dtype(precision))
        return linears.prepare(weight * 0.02, precision=precision)

    def norm() -> Norm:
        return Norm(torch.ones(dim, device=device), torch.zeros(dim, device=device))

    dim, codebooks, card = sizes.dim, 4, 2048
    stack = tuple(
        Layer(
            norm(), linear(3 * dim, dim), linear(dim, dim),
            Cross(norm(), linear(dim, dim), linear(2 * dim, dim), linear(dim, dim)),
            norm(), linear(4 * dim, dim), linear(dim, 4 * dim),
        )
        for _ in range(sizes.layers)
    )  # fmt: skip
    table = torch.randn(codebooks * (card + 1), dim, device=device) * 0.02
    heads, where = linear(codebooks * card, dim), torch.device(device)
    return Network(dim, sizes.heads, codebooks, card, (0, 1, 2, 3), table, stack, norm(), heads, where)


def prompt_states(lm: Any, songs: int) -> Tensor:
    """A prompt's states with and without words, [2 * songs, TOKENS, dim]."""
    weight = lm.emb[0].weight
    states = torch.randn(2 * songs, TOKENS, lm.dim, device=weight.device, dtype=weight.dtype)
    states[songs:] = 0
    return states


def audiocraft(lm: Any, songs: int, past: int) -> Contestant:
    """audiocraft's own step, through its streaming state, sampling included."""
    conditions = {"description": (prompt_states(lm, songs), None)}
    device = lm.emb[0].weight.device
    streaming = lm.streaming()
    streaming.__enter__()
    sequence = torch.randint(0, 2048, (songs, 4, past), device=device)
    lm._sample_next_token(sequence, conditions, {}, use_sampling=True, top_k=250, cfg_coef=3.0)
    state = lm.get_streaming_state()
    streaming.__exit__(None, None, None)

    def burst() -> list[float]:
        times = []
        with lm.streaming():
            lm.set_streaming_state(dict(state))
            code = torch.randint(0, 2048, (songs, 4, 1), device=device)
            for _ in range(BURST):
                started = time.perf_counter()
                code = lm._sample_next_token(code, conditions, {}, use_sampling=True, top_k=250, cfg_coef=3.0)
                settle(device)
                times.append(time.perf_counter() - started)
        return times

    size = lm.emb[0].weight.element_size()
    read = (_weights(lm) + songs * 2 * lm.dim * len(lm.transformer.layers) * past * 2) * size
    return Contestant("audiocraft", songs, past, read, burst)


def transformers(sizes: Sizes, songs: int, past: int) -> Contestant:
    """transformers' MusicGen decoder with its dynamic cache."""
    from transformers import MusicgenForCausalLM
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    config = MusicgenDecoderConfig(
        vocab_size=2048, num_hidden_layers=sizes.layers, ffn_dim=4 * sizes.dim, num_attention_heads=sizes.heads,
        hidden_size=sizes.dim, activation_function="gelu", num_codebooks=4, max_position_embeddings=2048,
    )  # fmt: skip
    model = MusicgenForCausalLM(config).eval().requires_grad_(requires_grad=False)
    words = torch.randn(2 * songs, TOKENS, sizes.dim)
    first = model(torch.randint(0, 2048, (2 * songs * 4, past)), encoder_hidden_states=words, use_cache=True)
    cache, kept = first.past_key_values, past

    def burst() -> list[float]:
        times = []
        if surplus := cache.get_seq_length() - kept:
            cache.self_attention_cache.crop(-surplus)
        codes = torch.randint(0, 2048, (2 * songs * 4, 1))
        for _ in range(BURST):
            started = time.perf_counter()
            model(codes, encoder_hidden_states=words, past_key_values=cache, use_cache=True)
            times.append(time.perf_counter() - started)
        return times

    read = sum(p.numel() for p in model.parameters()) * 4 + songs * 4 * sizes.dim * sizes.layers * past * 4
    return Contestant("transformers", songs, past, read, burst)


def ours(
    network: Network, precision: linears.Precision, songs: list[int], past: int, *, steered: bool = False
) -> list[Contestant]:
    """Our engine with each number of songs, in the same memory: every burst starts at the same step.

    steered: guidance leads away from the avoid text.
    """
    build = GraphEngine if network.device.type == "cuda" else Engine
    engine = build(network, slots=max(songs), frames=past + BURST + 1, precision=precision)
    speed.fill(engine, range(max(songs)), past=past, steps=BURST, tokens=TOKENS, steered=steered)
    size = {"fp32": 4, "bf16": 2, "fp16": 2, "int8": 1}[precision]
    per_layer = 14 * network.dim**2  # qkv 3, out 1, prompt 2, feed-forward 8
    weights = (per_layer * len(network.layers) + network.dim * network.codebooks * network.card) * size
    each = 2 * network.dim * len(network.layers) * past * 2 * engine.cache.dtype.itemsize

    def contestant(count: int) -> Contestant:
        def burst() -> list[float]:
            speed.set_step(engine, range(max(songs)), past)
            return speed.step_times(engine, range(count), BURST)

        burst()  # captures or compiles
        return Contestant(f"ours {precision}", count, past, weights + count * each, burst)

    return [contestant(count) for count in songs]


def _weights(lm: Any) -> int:
    return sum(int(p.numel()) for part in (lm.transformer, lm.linears) for p in part.parameters())


def settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
