"""Measures MusicGen decoding: audiocraft's decoder, transformers' and ours, interleaved, medians, random weights.

    OMP_NUM_THREADS=2 python -m bench.musicgen                      a CPU, musicgen-small sizes
    OMP_NUM_THREADS=2 python -m bench.musicgen --minutes 3 --past 250
    python -m bench.musicgen --device cuda --alone --sizes small medium large --songs 1 16

Nobody renders a song to get to the 1500th token: the past is put there, and 6 steps from it are taken again and again,
by everyone in turn, until the rounds or the minutes are over. The last part renders one whole song. --alone leaves the
other decoders and EnCodec out and needs nothing but this checkout and torch (on a CPU numba too); else the `music`
extra. The precisions race one after the other, each against the other decoders: all caches at once would take 21 GB.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import sys
import time
import warnings
from pathlib import Path

import torch

from bench.musicgen_decoders import (
    FRAME_RATE,
    SIZES,
    TOKENS,
    Contestant,
    audiocraft,
    build_codec,
    build_lm,
    ours,
    random_network,
    settle,
    transformers,
)
from pipeline.backends.musicgen import layers, linears, speed
from pipeline.backends.musicgen.engine import Engine
from pipeline.backends.musicgen.graphs import GraphEngine

Row = dict[str, str | float | None]


def bandwidth(device: str) -> float:
    """Bytes a second that this device reads, the best of six sums over 1 GB."""
    block = torch.ones(256 << 20, dtype=torch.float32, device=device)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        block.sum()
        settle(block.device)
        times.append(time.perf_counter() - started)
    return block.numel() * 4 / min(times)


def race(contestants: list[Contestant], *, rounds: int, seconds: float) -> None:
    """Give everyone a burst in turn, so that a busy machine slows all alike; first steps of a burst do not count."""
    over = time.monotonic() + seconds
    for done in range(rounds):
        if done and time.monotonic() > over:
            return
        for contestant in contestants:
            contestant.times.extend(contestant.burst()[1:])


def report(contestants: list[Contestant], audiocrafts_ms: float | None, speed_of_memory: float) -> list[Row]:
    """Print a line each, relative to audiocraft with one song and the same past, in the same race."""
    rows: list[Row] = []
    for it in contestants:
        each = it.ms / it.songs
        row: Row = {
            "name": it.name, "songs": it.songs, "past": it.past, "steps": len(it.times), "ms_per_step": round(it.ms, 2),
            "s_per_s_each": round(each * FRAME_RATE / 1000, 3),
            "times_audiocraft_each": round(audiocrafts_ms / each, 2) if audiocrafts_ms else None,
            "share_of_bandwidth": round(it.bytes_read / (it.ms / 1000) / speed_of_memory, 2),
        }  # fmt: skip
        rows.append(row)
        say(
            f"{it.name:14} songs {it.songs:2}  past {it.past:4}  {it.ms:8.2f} ms/step  "
            f"{row['s_per_s_each']:7.3f} s/s each  x {row['times_audiocraft_each'] or '-':>6}  "
            f"{row['share_of_bandwidth']:5.0%} of bandwidth  ({len(it.times)} steps)"
        )
    return rows


def compete(options: argparse.Namespace, size: str, over: float) -> list[Row]:
    """One table, finished about `over`: everyone at every number of songs and every past."""
    lm = None if options.alone else build_lm(SIZES[size], options.device)
    networks: dict[linears.Precision, layers.Network] = {
        precision: random_network(SIZES[size], precision, options.device)
        if lm is None
        else layers.read(lm, precision=precision)
        for precision in options.precisions
    }
    memory = bandwidth(options.device)
    say(f"\n{size} on {machine(options.device)}: memory reads {memory / 1e9:.1f} GB/s")
    rows: list[Row] = []
    races = [(past, precision) for past in options.past for precision in networks]
    others: list[Contestant] = []
    for index, (past, precision) in enumerate(races):
        first = index % len(networks) == 0
        if first and lm is not None:
            others = []
            others = [
                audiocraft(lm, 1, past),
                *([transformers(SIZES[size], 1, past)] if options.device == "cpu" else []),
            ]
        for other in others:
            other.times.clear()
        mine = ours(networks[precision], precision, options.songs, past)
        left = (over - time.monotonic()) / (len(races) - index)
        race([*others, *mine], rounds=options.rounds, seconds=left)
        rows += report([*(others if first else []), *mine], others[0].ms if others else None, memory)
        del mine
        gc.collect()
    cost_of_steering(networks[options.precisions[0]], options.precisions[0], options)
    return [{"size": size, "bytes_per_s": memory, **row} for row in rows]


def cost_of_steering(network: layers.Network, precision: linears.Precision, options: argparse.Namespace) -> None:
    """Print what guidance away from the avoid text (MUSICGEN_STEER_FROM_AVOID) costs against guidance from nothing."""
    past = options.past[0]
    plain, steered = (ours(network, precision, [1], past, steered=steered)[0] for steered in (False, True))
    race([plain, steered], rounds=options.rounds, seconds=60)
    say(f"steered from the avoid text, {precision}: x {steered.ms / plain.ms:.2f} of a step")


def whole_song(options: argparse.Namespace, size: str, precision: linears.Precision) -> Row:
    """Make all codes of one song and, unless alone, decode them with an EnCodec of the published sizes."""
    device, frames = options.device, options.song_s * FRAME_RATE
    network = random_network(SIZES[size], precision, device)
    build = GraphEngine if device == "cuda" else Engine
    engine = build(network, slots=1, frames=frames, precision=precision)
    speed.fill(engine, [0], past=0, steps=frames, tokens=TOKENS)
    speed.step_times(engine, [0], 1)  # captures or compiles
    speed.stand_at(engine, [0], 0)
    started = time.perf_counter()
    while engine.complete(0) < frames:
        engine.advance([0])
    codes = engine.codes(0, 0, frames)
    settle(codes.device)
    made = time.perf_counter() - started
    decoded = None if options.alone else _decode(codes, device)
    sound = "" if decoded is None else f", sound {decoded:.1f} s"
    say(f"\n{options.song_s} s of {size}, {precision}: codes {made:.1f} s{sound}")
    return {"size": size, "precision": precision, "song_s": options.song_s, "codes_s": made, "sound_s": decoded}


def _decode(codes: torch.Tensor, device: str) -> float:
    """Seconds from codes to sound."""
    codec = build_codec(device)
    started = time.perf_counter()
    codec.decode(codes[None])
    settle(codes.device)
    return time.perf_counter() - started


def machine(device: str) -> str:
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.processor() or platform.machine()} with {torch.get_num_threads()} threads"


def peak_memory(device: str) -> dict[str, float]:
    """Gigabytes that this run took at most, all contestants together."""
    found = {"peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)}
    if device == "cuda":
        found["peak_device_memory_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 1)
    return found


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  (a bench prints)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    parser.add_argument("--sizes", nargs="+", default=["small"], choices=SIZES)
    parser.add_argument("--songs", nargs="+", type=int, default=[1, 4, 8])
    parser.add_argument("--past", nargs="+", type=int, default=[250, 1500])
    parser.add_argument("--precisions", nargs="+", default=None, choices=linears.PRECISIONS)
    parser.add_argument("--rounds", type=int, default=10, help="turns of 6 steps for everyone, at most")
    parser.add_argument("--minutes", type=float, default=12, help="no new turn after these; the whole song comes then")
    parser.add_argument("--alone", action="store_true", help="our decoder only")
    parser.add_argument("--song-s", type=int, default=30, help="length of the whole song at the end; 0 leaves it out")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    options = parser.parse_args(arguments)
    options.precisions = options.precisions or (["bf16"] if options.device == "cuda" else ["fp32", "bf16", "int8"])
    return options


def main(arguments: list[str]) -> None:
    options, started = parse(arguments), time.monotonic()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    rows: list[Row] = []
    songs: list[Row] = []
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        for index, size in enumerate(options.sizes, start=1):
            rows += compete(options, size, started + options.minutes * 60 * index / len(options.sizes))
        if options.song_s:
            sizes = options.sizes if options.device == "cuda" else options.sizes[:1]
            songs = [whole_song(options, size, options.precisions[-1]) for size in sizes]
    memory = peak_memory(options.device)
    say(", ".join(f"{name} {value}" for name, value in memory.items()))
    if options.json:
        found = {"machine": machine(options.device), **memory, "rows": rows, "songs": songs}
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
