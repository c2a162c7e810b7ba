"""Samples the next codes of all songs at once, without waiting for the device.

The arithmetic is audiocraft's (`LMModel._sample_next_token`, `utils.sample_top_k`, `sample_top_p`), and a draw is
torch.multinomial's: the largest p / q with q exponential. So each song, with a generator of its own and the same seed,
gets the codes that audiocraft gives it alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Choice:
    """The sampling parameters of a batch; tensors are [songs, 1, 1], to broadcast over codebooks and codes."""

    guidance: Tensor
    temperature: Tensor  # 0: take the likeliest code
    top_k: Tensor  # long; 0: keep all
    top_p: Tensor  # > 0 switches top_k off
    largest_k: int  # of the batch: how many codes must be ranked
    uses_top_p: bool


def guide(logits: Tensor, guidance: Tensor) -> Tensor:
    """Apply guidance: each song's two rows [songs, 2, codebooks, card] become one [songs, codebooks, card]."""
    with_prompt, without = logits.unbind(1)
    return without + (with_prompt - without) * guidance


def choose(logits: Tensor, noise: Tensor, how: Choice) -> Tensor:
    """Draw a code for each codebook: logits and exponential noise [songs, codebooks, card] -> [songs, codebooks]."""
    greedy = how.temperature == 0
    probs = torch.softmax(logits / how.temperature.masked_fill(greedy, 1.0), dim=-1)
    if how.uses_top_p:
        ranked, codes = torch.sort(probs, dim=-1, descending=True)
        by_mass = _by_mass(ranked, codes, noise, how)
        drawn = torch.where(how.top_p[..., 0] > 0, by_mass, _by_rank(probs, ranked, noise, how))
    else:
        best = torch.topk(probs, min(max(how.largest_k, 1), probs.shape[-1]), dim=-1).values
        drawn = _by_rank(probs, best, noise, how)
    return torch.where(greedy[..., 0], logits.argmax(-1), drawn)


def _by_rank(probs: Tensor, best: Tensor, noise: Tensor, how: Choice) -> Tensor:
    """Draw among the top_k likeliest; `best` holds at least so many, the likeliest first.

    `torch.where` with a Python number would copy that number to the GPU, which a CUDA graph cannot record.
    """
    if how.largest_k == 0:
        return (probs / noise).argmax(-1)
    index = (how.top_k.clamp(1, best.shape[-1]) - 1).expand(-1, probs.shape[1], 1)
    everything = how.top_k == 0
    floor = best.gather(-1, index).masked_fill(everything, 0.0)  # [songs, codebooks, 1]
    kept = probs * (probs >= floor)
    kept = kept / kept.sum(-1, keepdim=True).masked_fill(everything, 1.0)
    return (kept / noise).argmax(-1)


def _by_mass(ranked: Tensor, codes: Tensor, noise: Tensor, how: Choice) -> Tensor:
    """Draw among the likeliest codes whose probabilities together reach top_p."""
    before = torch.cumsum(ranked, dim=-1) - ranked
    kept = ranked * ~(before > how.top_p)
    kept = kept / kept.sum(-1, keepdim=True)
    return codes.gather(-1, (kept / noise).argmax(-1, keepdim=True))[..., 0]
