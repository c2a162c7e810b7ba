"""Measures MusicGen decoding: audiocraft's decoder, transformers' and ours, interleaved, medians, random weights.

    OMP_NUM_THREADS=2 python -m bench.musicgen                      a CPU, musicgen-small sizes
    OMP_NUM_THREADS=2 python -m bench.musicgen --minutes 3 --past 250
    python -m bench.musicgen --device cuda --alone --sizes small medium large --songs 1 16

Nobody renders a song to get to the 1500th token: the past is put there, and 6 steps from it are taken again and again,
by everyone in turn, until the rounds or the minutes are over. The memory is read in each round too, and what is
compared is compared within a round. On a CPU the products of a step in int8 race against torch's by themselves as
well. Then one whole song is made, from words to sound, and all is held against the goals. --alone leaves the other
decoders, T5 and EnCodec out and needs nothing but this checkout and torch (on a CPU numba too); else the `music` extra.
The precisions race one after the other, each against the other decoders: all caches at once would take 21 GB.
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
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from bench.musicgen_decoders import (
    FRAME_RATE,
    SIZES,
    Contestant,
    audiocraft,
    build_lm,
    memory_reader,
    ours,
    random_network,
    transformers,
)
from bench.musicgen_goals import outcomes
from bench.musicgen_products import products
from bench.musicgen_song import whole_song
from pipeline.backends.musicgen import linears
from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS
from pipeline.backends.musicgen.network import Network, read_network

Row = dict[str, str | float | None]


def race(contestants: list[Contestant], *, rounds: int, seconds: float) -> None:
    """Give everyone a burst in turn, so that a busy machine slows all alike."""
    over = time.monotonic() + seconds
    for contestant in contestants:
        contestant.rounds.clear()
    for done in range(rounds):
        if done and time.monotonic() > over:
            return
        for contestant in contestants:
            contestant.take_turn()


def report(contestants: list[Contestant], memory: Contestant, audiocrafts: Contestant | None) -> list[Row]:
    """Print a line each, relative to audiocraft with one song and the same past, and to the memory, round by round."""
    say(f"memory reads {memory.bytes_read / memory.ms / 1e6:.1f} GB/s, the median of {len(memory.rounds)} rounds")
    rows: list[Row] = []
    for it in contestants:
        times = None if audiocrafts is None else round(it.times(audiocrafts) * it.songs, 2)
        row: Row = {
            "name": it.name, "songs": it.songs, "past": it.past, "rounds": len(it.rounds),
            "ms_per_step": round(it.ms, 3),
            "s_per_s_each": round(it.ms / it.songs * FRAME_RATE / 1000, 4), "times_audiocraft_each": times,
            "share_of_bandwidth": round(it.share(memory), 3),
        }  # fmt: skip
        rows.append(row)
        say(
            f"{it.name:14} songs {it.songs:2}  past {it.past:4}  {it.ms:8.2f} ms/step  "
            f"{row['s_per_s_each']:7.3f} s/s each  x {row['times_audiocraft_each'] or '-':>6}  "
            f"{row['share_of_bandwidth']:5.0%} of memory's speed"
        )
    return rows


def compete(options: argparse.Namespace, size: str, over: float) -> list[Row]:
    """One table, finished about `over`: everyone at every number of songs and every past."""
    lm = None if options.alone else build_lm(SIZES[size], options.device)
    networks: dict[linears.Precision, Network] = {
        precision: random_network(SIZES[size], precision, options.device)
        if lm is None
        else read_network(lm, precision=precision)
        for precision in options.precisions
    }
    memory = memory_reader(options.device)
    say(f"\n{size} on {machine(options.device)}")
    rows: list[Row] = []
    races = [(past, precision) for past in options.past for precision in networks]
    others: list[Contestant] = []
    for index, (past, precision) in enumerate(races):
        first = index % len(networks) == 0
        if first and lm is not None:
            others.clear()  # before the next ones: two of each would take 5 GB more
            others += [audiocraft(lm, 1, past)]
            others += [transformers(SIZES[size], 1, past)] if options.device == "cpu" else []
        mine = ours(networks[precision], precision, options.songs, past)
        left = (over - time.monotonic()) / (len(races) - index)
        race([memory, *others, *mine], rounds=options.rounds, seconds=left)
        rows += report([*(others if first else []), *mine], memory, others[0] if others else None)
        del mine
        gc.collect()
    cost_of_steering(networks[options.precisions[0]], options.precisions[0], options)
    return [{"size": size, **row} for row in rows]


def compare_products(options: argparse.Namespace, size: str) -> list[Row]:
    """Print how much faster our kernel multiplies int8 weights than torch does; where it is not 10 %, it should go."""
    network, memory = random_network(SIZES[size], "int8", options.device), memory_reader(options.device)
    rows: list[Row] = []
    for songs in options.songs:
        contestants = products(network, songs)
        race([memory, *contestants], rounds=options.rounds, seconds=60)
        for it in contestants:
            row: Row = {
                "size": size, "name": it.name, "rows": GUIDANCE_ROWS * songs, "rounds": len(it.rounds),
                "ms": round(it.ms, 3), "times_as_long_as_ours": round(contestants[0].times(it), 2),
                "share_of_bandwidth": round(it.share(memory), 3),
            }  # fmt: skip
            rows.append(row)
            say(
                f"products of a step, {it.name:14} rows {row['rows']:2}  {it.ms:8.2f} ms  "
                f"x {row['times_as_long_as_ours']:5} of ours  {row['share_of_bandwidth']:5.0%} of memory's speed"
            )
    return rows


def cost_of_steering(network: Network, precision: linears.Precision, options: argparse.Namespace) -> None:
    """Print what guidance away from the avoid text (MUSICGEN_STEER_FROM_AVOID) costs against guidance from nothing."""
    past = options.past[0]
    plain, steered = (ours(network, precision, [1], past, steered=steered)[0] for steered in (False, True))
    race([plain, steered], rounds=options.rounds, seconds=60)
    say(f"steered from the avoid text, {precision}: x {plain.times(steered):.2f} of a step")


def say_song(song: dict[str, Any]) -> None:
    """Tell how long a listener waits for one whole song."""
    parts = "words, codes and sound" if song["sound"] else "codes alone"
    ratio = song["end_to_end_s"] / song["song_s"]
    say(f"\n{song['song_s']} s of {song['size']}, {song['precision']}, end to end: "
        f"{song['end_to_end_s']:.1f} s for {parts}, {ratio:.2f} s/s")  # fmt: skip


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
    multiplied: list[Row] = []
    songs: list[dict[str, Any]] = []
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        for index, size in enumerate(options.sizes, start=1):
            rows += compete(options, size, started + options.minutes * 60 * index / len(options.sizes))
            if options.device == "cpu" and "int8" in options.precisions:
                multiplied += compare_products(options, size)
        if options.song_s:
            sizes = options.sizes if options.device == "cuda" else options.sizes[:1]
            for size in sizes:
                precision, seconds, device = options.precisions[-1], options.song_s, options.device
                songs.append(whole_song(size, precision, device=device, seconds=seconds, alone=options.alone))
                say_song(songs[-1])
    memory = peak_memory(options.device)
    say(", ".join(f"{name} {value}" for name, value in memory.items()))
    reached = outcomes(rows, device=options.device)
    say("\n".join(("", *map(str, reached))))
    if options.json:
        found = {
            "machine": machine(options.device), **memory, "rows": rows, "products": multiplied, "songs": songs,
            "goals": [{**asdict(outcome), "reached": outcome.reached} for outcome in reached],
        }  # fmt: skip
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
