"""The options of `try` and `plan` for an engine's sampling."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.values import DECODERS, SAMPLING_RANGES


def add_sampling(command: argparse.ArgumentParser) -> None:
    """Add --top-k, --top-p, --temperature, --cfg and --decoder; only models use them, sketch does not."""
    about = {
        "top_k": "choose among the K likeliest codes; 0 for all",
        "top_p": "choose among the likeliest codes that share P; in place of top-k",
        "temperature": "below 1 plainer, above 1 bolder",
        "cfg_coef": "how closely the words are followed",
    }
    for name, text in about.items():
        low, high = SAMPLING_RANGES[name]
        command.add_argument(
            "--cfg" if name == "cfg_coef" else f"--{name.replace('_', '-')}",
            dest=name,
            type=int if name == "top_k" else float,
            metavar="N",
            help=f"{text} ({low:g} to {high:g})",
        )
    command.add_argument("--decoder", choices=DECODERS, help="how codes become sound; mbd is MultiBandDiffusion")


def sampling(options: argparse.Namespace) -> dict[str, Any]:
    """Give the options as fields of SongOptions."""
    return {name: getattr(options, name) for name in (*SAMPLING_RANGES, "decoder")}
