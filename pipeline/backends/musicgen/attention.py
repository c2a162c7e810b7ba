"""Attention of one step in torch: one query a row, over all positions of that row so far. Two equal implementations.

`PlainAttention`   any device, one song.
`MaskedAttention`  CUDA graphs: all songs at once, in fixed shapes; the lengths stay on the device.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS, KVCache


class Attention(Protocol):
    """Called for each layer in turn."""

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        """Append this step's keys and values and attend: [rows, 3 * dim] -> [rows, dim]."""

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        """Attend to the prompt: [rows, dim] -> [rows, dim]."""


class PlainAttention:
    """The song in one slot; `length` of its past includes this step."""

    def __init__(self, cache: KVCache, slot: int, length: int) -> None:
        self._cache, self._slot, self._length = cache, slot, length

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        cache, heads, size = self._cache, self._cache.keys.shape[3], self._cache.keys.shape[5]
        parts = qkv.to(cache.dtype).view(GUIDANCE_ROWS, 3, heads, 1, size)
        q, k, v = parts.unbind(1)  # [GUIDANCE_ROWS, heads, 1, size] each
        keys, values = (part[layer, self._slot, :, :, : self._length] for part in (cache.keys, cache.values))
        keys[:, :, -1:], values[:, :, -1:] = k, v
        return scaled_dot_product_attention(q, keys, values).view(GUIDANCE_ROWS, heads * size)

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        cache, heads, size = self._cache, self._cache.keys.shape[3], self._cache.keys.shape[5]
        q = query.to(cache.dtype).view(GUIDANCE_ROWS, heads, 1, size)
        out = []
        for row, length in enumerate(cache.prompt_lengths[self._slot].tolist()):
            keys = cache.prompt_keys[layer, self._slot, row, :, :length]
            values = cache.prompt_values[layer, self._slot, row, :, :length]
            out.append(scaled_dot_product_attention(q[row], keys, values))
        return torch.stack(out).view(GUIDANCE_ROWS, heads * size)


class MaskedAttention:
    """The first `songs` slots at once, used or not; the lengths of pasts are read from `positions` on the device."""

    def __init__(self, cache: KVCache, *, songs: int, span: int, positions: Tensor) -> None:
        self._cache, self._songs, self._span, self._positions = cache, songs, span, positions
        self._at = torch.arange(max(span, cache.prompt_keys.shape[4]), device=positions.device)
        self.update_masks()

    def update_masks(self) -> None:
        """Read the lengths of all pasts and prompts on the device, into masks that all layers share."""
        n, (*_, heads, _, size) = self._songs, self._cache.keys.shape
        places = self._positions[:n]
        self._write_at = places.view(n, 1, 1, 1, 1).expand(n, GUIDANCE_ROWS, heads, 1, size)
        self._past = self._mask(self._at[: self._span] <= places.view(n, 1, 1).expand(n, GUIDANCE_ROWS, 1))
        text = self._at[: self._cache.prompt_keys.shape[4]]
        self._prompt = self._mask(text < self._cache.prompt_lengths[:n, :, None])

    def _mask(self, used: Tensor) -> Tensor:
        """Make what is added to scores: used [songs, GUIDANCE_ROWS, span] -> [rows, 1, 1, span], 0 if used, else -inf.

        It has the cache's type: from a mask of booleans torch would make this one again in each layer.
        """
        mask = torch.zeros(used.shape, dtype=self._cache.dtype, device=used.device)
        return mask.masked_fill_(~used, float("-inf")).view(-1, 1, 1, used.shape[-1])

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        cache, n = self._cache, self._songs
        heads, size = cache.keys.shape[3], cache.keys.shape[5]
        q, k, v = qkv.to(cache.dtype).view(n, GUIDANCE_ROWS, 3, heads, 1, size).unbind(2)
        keys, values = cache.keys[layer, :n], cache.values[layer, :n]
        keys.scatter_(3, self._write_at, k)
        values.scatter_(3, self._write_at, v)
        return _attend(q, keys[..., : self._span, :], values[..., : self._span, :], self._past)

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        cache, n = self._cache, self._songs
        keys, values = cache.prompt_keys[layer, :n], cache.prompt_values[layer, :n]
        q = query.to(cache.dtype).view(n, GUIDANCE_ROWS, keys.shape[2], 1, keys.shape[4])
        return _attend(q, keys, values, self._prompt)


def _attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Join songs and rows into the one batch axis that torch expects: [songs, GUIDANCE_ROWS, …] -> [rows, dim]."""
    out = scaled_dot_product_attention(q.flatten(0, 1), keys.flatten(0, 1), values.flatten(0, 1), attn_mask=mask)
    return out.view(-1, q.shape[2] * q.shape[4])
