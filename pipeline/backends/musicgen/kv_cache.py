"""The keys and values of each song's prompt and past, in memory that is allocated once at start."""

from __future__ import annotations

import torch
from torch import Tensor

from pipeline.backends.musicgen.network import Network

GUIDANCE_ROWS = 2  # of each song, for guidance: with its prompt and without
TEXT_SPAN = 256  # tokens of a prompt that are used; T5 makes about 1.3 of a word


class KVCache:
    """Keys and values of all slots, shape [layers, slots, GUIDANCE_ROWS, heads, span, head_dim].

    The past grows by one position a step. The prompt is written when a song gets its slot; `prompt_lengths`
    [slots, GUIDANCE_ROWS] says how many of its positions count.
    """

    def __init__(self, network: Network, *, slots: int, span: int, dtype: torch.dtype) -> None:
        self.slots, self.span, self.dtype = slots, span, dtype
        shape = (len(network.layers), slots, GUIDANCE_ROWS, network.heads, span, network.head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=network.device)
        self.values = torch.zeros(shape, dtype=dtype, device=network.device)
        crossed = (*shape[:4], TEXT_SPAN if network.layers[0].cross else 0, shape[5])
        self.prompt_keys = torch.zeros(crossed, dtype=dtype, device=network.device)
        self.prompt_values = torch.zeros(crossed, dtype=dtype, device=network.device)
        self.prompt_lengths = torch.ones(slots, GUIDANCE_ROWS, dtype=torch.long, device=network.device)


def bytes_per_slot(network: Network, *, span: int, dtype: torch.dtype) -> int:
    """Compute how many bytes of the device's memory a slot takes."""
    text = TEXT_SPAN if network.layers[0].cross else 0
    return len(network.layers) * GUIDANCE_ROWS * network.dim * (span + text) * 2 * dtype.itemsize


def write_prompt(network: Network, cache: KVCache, slot: int, prompt: Tensor) -> None:
    """Write a song's text states [GUIDANCE_ROWS, up to TEXT_SPAN, dim] as keys and values, once for the song.

    A row of zeros (the one without a prompt) needs one position: all its values are zero, and so is their mean.
    """
    rows, tokens, dim = prompt.shape
    empty = [bool((row == 0).all()) for row in prompt]
    cache.prompt_lengths[slot] = torch.tensor([1 if e else tokens for e in empty], device=network.device)
    states = prompt.reshape(rows * tokens, dim)
    for index, layer in enumerate(network.layers):
        assert layer.cross is not None
        both = layer.cross.key_value(states)  # [rows * tokens, 2 * dim]
        both = both.view(rows, tokens, 2, network.heads, network.head_dim).permute(2, 0, 3, 1, 4)
        cache.prompt_keys[index, slot, :, :, :tokens] = both[0].to(cache.dtype)
        cache.prompt_values[index, slot, :, :, :tokens] = both[1].to(cache.dtype)
