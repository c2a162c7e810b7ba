"""The delay pattern: step s holds codebook q's code of frame s - 1 - delay[q].

With delays 0 1 2 3 and four frames (S: the special token, where there is no frame):

    step          0  1  2  3  4  5  6  7
    codebook 0    S  0  1  2  3  S  S  S
    codebook 1    S  S  0  1  2  3  S  S
    codebook 2    S  S  S  0  1  2  3  S
    codebook 3    S  S  S  S  0  1  2  3
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

UNKNOWN = -1  # a code that is not sampled yet


def steps_of(frames: int, delays: Sequence[int]) -> int:
    """Count the steps of a window of `frames`, the first step of special tokens included."""
    return 1 + frames + max(delays)


def lay_out(known: Tensor, *, frames: int, delays: Sequence[int], special: int) -> Tensor:
    """Arrange known codes [codebooks, n] by steps [codebooks, steps_of(frames)]; the rest is UNKNOWN or special."""
    sequence = torch.full((len(delays), steps_of(frames, delays)), special, dtype=torch.long, device=known.device)
    for codebook, delay in enumerate(delays):
        first = 1 + delay
        sequence[codebook, first : first + frames] = UNKNOWN
        sequence[codebook, first : first + known.shape[1]] = known[codebook]
    return sequence


def gather(sequence: Tensor, *, start: int, stop: int, delays: Sequence[int]) -> Tensor:
    """Read frames start..stop from a sequence of steps: [codebooks, stop - start]."""
    rows = zip(sequence, delays, strict=True)
    return torch.stack([row[1 + delay + start : 1 + delay + stop] for row, delay in rows])


def complete_frames(step: int, delays: Sequence[int]) -> int:
    """Count the frames that have all their codes once step `step` is written."""
    return max(0, step - max(delays))
