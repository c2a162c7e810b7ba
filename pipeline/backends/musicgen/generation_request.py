"""A song on its way: what is asked of the scheduler, and where its codes come out. The composer makes and reads it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from pipeline.backends.musicgen.engine import Conditions, SamplingParams


@dataclass(frozen=True)
class Window:
    """A stretch that the model makes in one go; the first `known` frames are taken over from before."""

    start_s: float  # where it begins in the song
    frames: int
    known: int


def plan_windows(
    duration_s: float, *, given: int, frame_rate: int, window_s: float, stride_s: float
) -> tuple[Window, ...]:
    """Cut a song of `duration_s`, `given` frames of which exist, into windows as audiocraft's MusicGen does.

    Up to `window_s` it is one; a longer song moves the window on by `stride_s` and keeps the rest as context.
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
    """A song that waits for a slot or is being made. The scheduler writes `made` and `out`, others `dropped`."""

    settings: SamplingParams
    windows: Sequence[Window]
    conditions: Sequence[Conditions]  # one a window
    given: Tensor  # [codebooks, known frames of the first window]: what it continues
    stride: int  # frames from one window to the next
    listener: int | None = None  # songs of different listeners take turns
    made: int = 0  # new frames complete so far
    delivered: int = 0  # new frames put into `out`
    cancelled: Callable[[], bool] = lambda: False  # its listener's word, asked before every step
    dropped: threading.Event = field(default_factory=threading.Event)  # nobody takes its codes any more
    out: queue.Queue[Tensor | Exception | None] = field(
        default_factory=queue.Queue
    )  # codes, a failure, None at the end

    @property
    def unwanted(self) -> bool:
        return self.dropped.is_set() or self.cancelled()

    @property
    def frames(self) -> int:
        """How many new frames it will have."""
        return sum(window.frames - window.known for window in self.windows)
