"""The delay pattern: at step s a song writes codebook q's code of frame s - 1 - delay[q].

With delays 0 1 2 3 and four frames, steps run to the right (S: no frame there, special token):

    step      0  1  2  3  4  5  6  7
    book 0    S  0  1  2  3  S  S  S
    book 1    S  S  0  1  2  3  S  S
    book 2    S  S  S  0  1  2  3  S
    book 3    S  S  S  S  0  1  2  3
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

UNKNOWN = -1  # a place that sampling will fill


def steps_of(frames: int, delays: Sequence[int]) -> int:
    """How many steps a window of `frames` takes, the first of special tokens included."""
    return 1 + frames + max(delays)


def lay_out(prompt: Tensor, *, frames: int, delays: Sequence[int], special: int) -> Tensor:
    """Put a prompt's codes [codebooks, prompt frames] on steps [codebooks, steps_of(frames)]; the rest is UNKNOWN or
    special."""
    sequence = torch.full((len(delays), steps_of(frames, delays)), special, dtype=torch.long, device=prompt.device)
    for book, delay in enumerate(delays):
        first = 1 + delay
        sequence[book, first : first + frames] = UNKNOWN
        sequence[book, first : first + prompt.shape[1]] = prompt[book]
    return sequence


def gather(sequence: Tensor, *, start: int, stop: int, delays: Sequence[int]) -> Tensor:
    """Read frames start..stop back as codes [codebooks, stop - start]."""
    return torch.stack([sequence[book, 1 + delay + start : 1 + delay + stop] for book, delay in enumerate(delays)])


def complete_frames(step: int, delays: Sequence[int]) -> int:
    """How many frames have all their codes once step `step` is written."""
    return max(0, step - max(delays))
