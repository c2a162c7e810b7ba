"""Measures MusicGen decoding: audiocraft's decoder, transformers' and ours, interleaved, medians, random weights.

    OMP_NUM_THREADS=2 python -m bench.musicgen                      a CPU, musicgen-small sizes (5 GB, about 10 minutes)
    OMP_NUM_THREADS=2 python -m bench.musicgen --rounds 3 --past 250
    python -m bench.musicgen --device cuda --alone --sizes small medium large --songs 1 16

No weights are needed: speed does not depend on them. Needs the `music` extra; --alone leaves the other decoders and
EnCodec out and needs nothing but this checkout and torch.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline.backends.musicgen import layers, linears, speed, unpinned
from pipeline.backends.musicgen.engine import Engine
from pipeline.backends.musicgen.graphs import GraphEngine

FRAME_RATE = 50
TOKENS = 60  # of a prompt
BURST = 6  # steps measured in a row before the next contestant has its turn


@dataclass(frozen=True)
class Sizes:
    dim: int
    layers: int
    heads: int


SIZES = {"small": Sizes(1024, 24, 16), "medium": Sizes(1536, 48, 24), "large": Sizes(2048, 48, 32)}


@dataclass
class Contestant:
    """Something that takes steps; `burst` returns the seconds of each."""

    name: str
    songs: int
    past: int
    bytes_read: int  # weights and cache that a step must read
    burst: Callable[[], list[float]]
    times: list[float]

    @property
    def ms(self) -> float:
        return statistics.median(self.times) * 1000


def build_lm(sizes: Sizes, device: str) -> Any:
    """Make audiocraft's language model with random weights, on a GPU in float16 as its loader does."""
    unpinned.stand_in()
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


def random_network(sizes: Sizes, precision: linears.Precision, device: str) -> layers.Network:
    """Our layout of such a model without audiocraft; small weights, so that sums stay finite in half precision."""
    torch.manual_seed(0)

    def linear(rows: int, columns: int) -> linears.Linear:
        weight = torch.randn(rows, columns, device=device, dtype=linears.storage_dtype(precision))
        return linears.prepare(weight * 0.02, precision=precision)

    def norm() -> layers.Norm:
        return layers.Norm(torch.ones(dim, device=device), torch.zeros(dim, device=device))

    dim, books, card = sizes.dim, 4, 2048
    stack = tuple(
        layers.Layer(
            norm(), linear(3 * dim, dim), linear(dim, dim),
            layers.Cross(norm(), linear(dim, dim), linear(2 * dim, dim), linear(dim, dim)),
            norm(), linear(4 * dim, dim), linear(dim, 4 * dim),
        )
        for _ in range(sizes.layers)
    )  # fmt: skip
    table = torch.randn(books * (card + 1), dim, device=device) * 0.02
    heads, where = linear(books * card, dim), torch.device(device)
    return layers.Network(dim, sizes.heads, books, card, (0, 1, 2, 3), table, stack, norm(), heads, where)


def told(lm: Any, songs: int) -> Tensor:
    """A prompt's states with and without words, [2 * songs, TOKENS, dim]."""
    weight = lm.emb[0].weight
    states = torch.randn(2 * songs, TOKENS, lm.dim, device=weight.device, dtype=weight.dtype)
    states[songs:] = 0
    return states


def audiocraft(lm: Any, songs: int, past: int) -> Contestant:
    """audiocraft's own step, through its streaming state, sampling included."""
    conditions = {"description": (told(lm, songs), None)}
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
                _settle(device)
                times.append(time.perf_counter() - started)
        return times

    read = _weights(lm) * 4 + songs * 2 * lm.dim * len(lm.transformer.layers) * past * 2 * 4
    return Contestant("audiocraft", songs, past, read, burst, [])


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
    return Contestant("transformers", songs, past, read, burst, [])


def ours(
    network: layers.Network, precision: linears.Precision, songs: int, past: int, *, rounds: int, steered: bool = False
) -> Contestant:
    """Our engine; its songs simply go on, `rounds` bursts fit. steered: guidance leads away from the avoid text."""
    on_gpu = network.device.type == "cuda"
    steps = BURST * (rounds + 2)
    build = GraphEngine if on_gpu else Engine
    engine = build(network, slots=songs, frames=past + steps, precision=precision)
    slots = range(songs)
    speed.fill(engine, slots, past=past, steps=steps, tokens=TOKENS, steered=steered)
    speed.step_times(engine, slots, BURST)
    size = {"fp32": 4, "bf16": 2, "fp16": 2, "int8": 1}[precision]
    cached = engine.cache.dtype.itemsize
    per_layer = 14 * network.dim**2  # qkv 3, out 1, prompt 2, feed-forward 8
    weights = (per_layer * len(network.layers) + network.dim * network.books * network.card) * size
    read = weights + songs * 2 * network.dim * len(network.layers) * past * 2 * cached
    return Contestant(f"ours {precision}", songs, past, read, lambda: speed.step_times(engine, slots, BURST), [])


def bandwidth(device: str) -> float:
    """Bytes a second that this device reads, the best of five sums over 1 GB."""
    block = torch.ones(256 << 20, dtype=torch.float32, device=device)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        block.sum()
        _settle(block.device)
        times.append(time.perf_counter() - started)
    return block.numel() * 4 / min(times)


def race(contestants: list[Contestant], rounds: int) -> None:
    """Give everyone a burst in turn, so that a busy machine slows all alike; first steps of a burst do not count."""
    for _ in range(rounds):
        for contestant in contestants:
            contestant.times.extend(contestant.burst()[1:])


def report(contestants: list[Contestant], speed_of_memory: float) -> list[dict[str, Any]]:
    """Print a line each, relative to audiocraft with one song and the same past."""
    rows = []
    for it in contestants:
        base = next((c.ms for c in contestants if c.name == "audiocraft" and c.past == it.past and c.songs == 1), None)
        each = it.ms / it.songs
        row = {
            "name": it.name, "songs": it.songs, "past": it.past, "ms_per_step": round(it.ms, 2),
            "s_per_s_each": round(each * FRAME_RATE / 1000, 3),
            "times_audiocraft_each": round(base / each, 2) if base else None,
            "share_of_bandwidth": round(it.bytes_read / (it.ms / 1000) / speed_of_memory, 2),
        }  # fmt: skip
        rows.append(row)
        print(  # noqa: T201  (a bench prints)
            f"{it.name:14} songs {it.songs:2}  past {it.past:4}  {it.ms:8.2f} ms/step  "
            f"{row['s_per_s_each']:7.3f} s/s each  x {row['times_audiocraft_each'] or '-':>6}  "
            f"{row['share_of_bandwidth']:5.0%} of bandwidth",
            flush=True,
        )
    return rows


def compete(options: argparse.Namespace, size: str) -> list[dict[str, Any]]:
    """One table: everyone at every number of songs and every past."""
    precisions: list[linears.Precision] = options.precisions
    lm = None if options.alone else build_lm(SIZES[size], options.device)
    networks = {
        precision: random_network(SIZES[size], precision, options.device)
        if lm is None
        else layers.read(lm, precision=precision)
        for precision in precisions
    }
    memory = bandwidth(options.device)
    where = torch.cuda.get_device_name() if options.device == "cuda" else f"{torch.get_num_threads()} threads"
    print(f"\n{size} on {where}: memory reads {memory / 1e9:.1f} GB/s", flush=True)  # noqa: T201
    rows = []
    for past in options.past:
        contestants = [] if lm is None else [audiocraft(lm, 1, past)]
        if lm is not None and options.device == "cpu":
            contestants.append(transformers(SIZES[size], 1, past))
        for precision, network in networks.items():
            contestants += [ours(network, precision, songs, past, rounds=options.rounds) for songs in options.songs]
        race(contestants, options.rounds)
        rows += report(contestants, memory)
    cost_of_steering(networks[precisions[0]], precisions[0], options)
    return [{"size": size, "bytes_per_s": memory, **row} for row in rows]


def cost_of_steering(network: layers.Network, precision: linears.Precision, options: argparse.Namespace) -> None:
    """Print what guidance away from the avoid text (MUSICGEN_STEER_FROM_AVOID) costs against guidance from nothing."""
    plain, steered = (
        ours(network, precision, 1, options.past[0], rounds=options.rounds, steered=steered)
        for steered in (False, True)
    )
    race([plain, steered], options.rounds)
    print(f"steered from the avoid text, {precision}: x {steered.ms / plain.ms:.2f} of a step", flush=True)  # noqa: T201


def whole_song(size: str, precision: linears.Precision, device: str, seconds: int) -> None:
    """Make all codes of one song and decode them with an EnCodec of the published sizes."""
    engine_of = GraphEngine if device == "cuda" else Engine
    network = layers.read(build_lm(SIZES[size], device), precision=precision)
    engine = engine_of(network, slots=1, frames=seconds * FRAME_RATE, precision=precision)
    started = time.perf_counter()
    speed.fill(engine, [0], past=0, steps=seconds * FRAME_RATE, tokens=TOKENS)
    while engine.complete(0) < seconds * FRAME_RATE:
        engine.advance([0])
    codes = engine.codes(0, 0, seconds * FRAME_RATE)
    made = time.perf_counter() - started
    codec = build_codec(device)
    started = time.perf_counter()
    codec.decode(codes[None])
    _settle(codes.device)
    decoded = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = f"{seconds} s of {size}, {precision}: codes {made:.1f} s, sound {decoded:.1f} s; peak memory {peak:.1f} GB"
    print(f"\n{line}", flush=True)  # noqa: T201


def build_codec(device: str) -> Any:
    """EnCodec as published with MusicGen: 64 filters, 128 dimensions, two LSTM layers; random weights."""
    from audiocraft.models.encodec import EncodecModel
    from audiocraft.modules.seanet import SEANetDecoder, SEANetEncoder
    from audiocraft.quantization import ResidualVectorQuantizer

    shape: dict[str, Any] = {
        "dimension": 128, "n_filters": 64, "ratios": [8, 5, 4, 4], "lstm": 2, "norm": "weight_norm",
        "pad_mode": "constant",
    }  # fmt: skip
    quantizer = ResidualVectorQuantizer(dimension=128, n_q=4, bins=2048, kmeans_init=False)
    model = EncodecModel(
        SEANetEncoder(**shape), SEANetDecoder(**shape), quantizer, frame_rate=FRAME_RATE, sample_rate=32000, channels=1
    )
    return model.to(device).eval().requires_grad_(requires_grad=False)


def _weights(lm: Any) -> int:
    return sum(int(p.numel()) for part in (lm.transformer, lm.linears) for p in part.parameters())


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


@contextmanager
def _quiet() -> Iterator[None]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def main(arguments: list[str]) -> None:
    """Parse, race, print; with --json also write the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--sizes", nargs="+", default=["small"], choices=SIZES)
    parser.add_argument("--songs", nargs="+", type=int, default=[1, 4, 8])
    parser.add_argument("--past", nargs="+", type=int, default=[250, 1500])
    parser.add_argument("--precisions", nargs="+", default=None, choices=linears.PRECISIONS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="our decoder only")
    parser.add_argument("--song-s", type=int, default=30, help="length of the whole song at the end; 0 leaves it out")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    options.precisions = options.precisions or (["bf16"] if options.device == "cuda" else ["fp32", "bf16", "int8"])
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    with _quiet(), torch.no_grad():
        rows = [row for size in options.sizes for row in compete(options, size)]
        if options.song_s and not options.alone:
            whole_song(options.sizes[0], options.precisions[-1], options.device, options.song_s)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
