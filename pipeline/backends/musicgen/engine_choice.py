"""Which engine makes the songs: the one that the operator set, or with `auto` one that is fast enough on this machine.

Importing it needs neither torch nor weights, so that any process may ask.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.backends.musicgen import weights

REAL_TIME = 1.0  # seconds of work for a second of song; at most this for MusicGen on a CPU


@dataclass(frozen=True)
class Chosen:
    """An engine and why it was chosen: a stable code for logs and `doctor`, with its facts."""

    engine: str
    reason: str  # "asked", "gpu", "fast_cpu", "slow_cpu", "speed_unknown", "no_package", "no_weights"
    facts: tuple[tuple[str, str | float], ...] = ()


def pick_engine(setting: str, *, model: str, home: Path) -> Chosen:
    """Choose for MUSIC_ENGINE `setting` ("auto" or an engine's name) and MUSICGEN_MODEL `model`."""
    if setting != "auto":
        return Chosen(setting, "asked")
    if not has_package():
        return Chosen("sketch", "no_package")
    missing = missing_files(model, home)
    if missing:
        return Chosen("sketch", "no_weights", (("model", model), ("missing", missing[0])))
    if _has_gpu():
        return Chosen("musicgen", "gpu")
    speed = read_speed(model, home)
    if speed is None:
        return Chosen("sketch", "speed_unknown", (("model", model),))
    fast = speed <= REAL_TIME
    return Chosen("musicgen" if fast else "sketch", "fast_cpu" if fast else "slow_cpu", (("s_per_s", round(speed, 2)),))


def has_package() -> bool:
    """Whether the `music` extra is installed; imports nothing."""
    return all(find_spec(name) for name in ("torch", "audiocraft", "numba"))


def missing_files(model: str, home: Path) -> list[str]:
    """Name the files that a model, given by name or as a folder, lacks."""
    if Path(model).is_dir():
        return [file for file in weights.CHECKPOINT if not (Path(model) / file).is_file()]
    return weights.check(model, home)


def write_speed(model: str, home: Path, seconds_per_second: float) -> None:
    """Store this machine's speed, as `speed.measure_model` measured it after weights were fetched or for `doctor`."""
    _speed_file(model, home).write_text(json.dumps({"s_per_s": seconds_per_second}))


def read_speed(model: str, home: Path) -> float | None:
    """Give the seconds of work for a second of song, one song at a time, or None where it was not measured."""
    file = _speed_file(model, home)
    return float(json.loads(file.read_text())["s_per_s"]) if file.is_file() else None


def _speed_file(model: str, home: Path) -> Path:
    folder = Path(model) if Path(model).is_dir() else home / model
    return folder / "speed.json"


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
