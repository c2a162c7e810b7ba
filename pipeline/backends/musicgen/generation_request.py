"""One song for the scheduler: its parameters and conditions, and the queue of its codes. The composer creates it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from pipeline.backends.musicgen.engine import Conditions, SamplingParams


@dataclass(frozen=True)
class Window:
    """A stretch of a song that the model generates at once; its first `known` frames exist already."""

    start_s: float  # from the start of the song
    frames: int
    known: int


def plan_windows(
    duration_s: float, *, given: int, frame_rate: int, window_s: float, stride_s: float
) -> tuple[Window, ...]:
    """Divide a song of `duration_s`, `given` frames of which exist, into windows as audiocraft's MusicGen does.

    Up to `window_s` it is one window; in a longer song each window starts `stride_s` after the one before, and what
    they share is the later one's context.
    """
    total, stride = int(duration_s * frame_rate), int(frame_rate * stride_s)
    if duration_s <= window_s:
        return (Window(0.0, total, given),)
    windows: list[Window] = []
    start, known = 0, given
    while start + known < total:
        start_s = start / frame_rate
        frames = int(min(duration_s - start_s, window_s) * frame_rate)
        if frames <= known:
            break
        windows.append(Window(start_s, frames, known))
        known, start = max(0, frames - stride), start + stride
    return tuple(windows)


@dataclass(eq=False)
class GenerationRequest:
    """A song that waits for a slot or has one. The scheduler writes `made`, `delivered` and `out`, others `dropped`."""

    settings: SamplingParams
    windows: Sequence[Window]
    conditions: Sequence[Conditions]  # one a window
    given: Tensor  # [codebooks, known frames of the first window], of the song that it continues
    stride: int  # frames from one window to the next
    listener: int | None = None  # songs of different listeners take turns
    made: int = 0  # new frames complete so far
    delivered: int = 0  # new frames put into `out`
    cancelled: Callable[[], bool] = lambda: False  # whether its listener cancelled it; called before every step
    dropped: threading.Event = field(default_factory=threading.Event)  # nobody reads `out` any more
    # Codes, and at the end None or the exception that ended it.
    out: queue.Queue[Tensor | Exception | None] = field(default_factory=queue.Queue)

    @property
    def unwanted(self) -> bool:
        return self.dropped.is_set() or self.cancelled()

    @property
    def frames(self) -> int:
        """How many new frames it will have in all."""
        return sum(window.frames - window.known for window in self.windows)
