"""How many songs fit into memory beside the model, computed once at start from the device's free memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from pipeline.backends.musicgen import pattern
from pipeline.backends.musicgen.kv_cache import bytes_per_slot
from pipeline.backends.musicgen.linears import Precision, storage_dtype
from pipeline.backends.musicgen.network import Network
from pipeline.errors import EngineFailed

MOST_SLOTS = {"cuda": 16, "cpu": 4}  # with more, the songs of a second do not grow: a step takes longer in proportion
SHARE = 0.6  # of the free memory; the rest is for T5, chroma, the codec and a step's own tensors


@dataclass(frozen=True)
class MemoryPlan:
    """What the engine allocates at start; it does not grow later."""

    slots: int
    frames: int  # of a window
    prepended: int  # positions before the music
    bytes: int


def plan(
    network: Network, *, frames: int, prepended: int, precision: Precision, slots: int | None, free: int | None = None
) -> MemoryPlan:
    """Plan as many slots as fit, at most MOST_SLOTS, or exactly `slots`.

    `free` bytes are the device's unless given. Raises EngineFailed "no_room_for_model" if not one song fits.
    """
    span = prepended + pattern.steps_of(frames, network.delays)
    each = bytes_per_slot(network, span=span, dtype=storage_dtype(precision))
    free = free_bytes(network.device) if free is None else free
    fitting = int(free * SHARE) // each
    count = slots or min(fitting, MOST_SLOTS[network.device.type])
    if count < 1 or count > max(fitting, 0):
        raise EngineFailed("no_room_for_model")
    return MemoryPlan(count, frames, prepended, count * each)


def free_bytes(device: torch.device) -> int:
    """Ask how much memory the device has left; on a CPU within the container's limit, where one is set."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    machine = _available() or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    limit, used = (_number(Path("/sys/fs/cgroup") / name) for name in ("memory.max", "memory.current"))
    return machine if limit is None or used is None else min(machine, limit - used)


def _available() -> int | None:
    """Read Linux's estimate of the memory that is available without swapping."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.is_file():
        return None
    lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def _number(file: Path) -> int | None:
    """Read a number from a cgroup's file; None where the file is absent or says "max"."""
    text = file.read_text().strip() if file.is_file() else ""
    return int(text) if text.isdigit() else None
