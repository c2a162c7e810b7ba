"""Attention of one step: one query a row, over all that the row has seen. Three ways, equal in what they compute.

`KernelAttention`  CPU. Compiled by numba, which librosa brings. At 250 positions of musicgen-small it takes a third of
                   the time of torch's best three calls (bfloat16: 4.3 against 12.7 ms a step), at 1500 under a half.
`PlainAttention`   any device, torch only: song by song, so that each has the arithmetic of being alone.
`MaskedAttention`  CUDA graphs: fixed shapes, lengths only on the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from pipeline.backends.musicgen.cache import ROWS, Cache


class Attention(Protocol):
    """Aimed once a step, then asked layer by layer."""

    def aim(self, slots: Sequence[int], lengths: Sequence[int]) -> None:
        """Say whose rows come, two for each slot in this order, and how long each past is with this step."""

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        """Append this step's keys and values and attend: [rows, 3 * dim] -> [rows, dim]."""

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        """Attend to the prompt: [rows, dim] -> [rows, dim]."""


class PlainAttention:
    """Song by song with torch's own attention."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._slots: Sequence[int] = ()
        self._lengths: Sequence[int] = ()

    def aim(self, slots: Sequence[int], lengths: Sequence[int]) -> None:
        self._slots, self._lengths = slots, lengths

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        cache, heads, size = self._cache, self._cache.keys.shape[3], self._cache.keys.shape[5]
        q, k, v = qkv.to(cache.dtype).view(-1, ROWS, 3, heads, 1, size).unbind(2)  # [songs, ROWS, heads, 1, size]
        out = []
        for song, (slot, length) in enumerate(zip(self._slots, self._lengths, strict=True)):
            keys, values = cache.keys[layer, slot, :, :, :length], cache.values[layer, slot, :, :, :length]
            keys[:, :, -1:], values[:, :, -1:] = k[song], v[song]
            out.append(scaled_dot_product_attention(q[song], keys, values))
        return torch.cat(out).view(-1, heads * size)

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        cache, heads, size = self._cache, self._cache.keys.shape[3], self._cache.keys.shape[5]
        q = query.to(cache.dtype).view(-1, ROWS, heads, 1, size)
        out = []
        for song, slot in enumerate(self._slots):
            for row, length in enumerate(cache.prompt_lengths[slot].tolist()):
                keys = cache.prompt_keys[layer, slot, row, :, :length]
                values = cache.prompt_values[layer, slot, row, :, :length]
                out.append(scaled_dot_product_attention(q[song, row], keys, values))
        return torch.stack(out).view(-1, heads * size)


class KernelAttention:
    """One compiled call a layer for all rows; float32 and bfloat16 caches on a CPU."""

    def __init__(self, cache: Cache) -> None:
        from pipeline.backends.musicgen import kernels  # numba is needed on CPUs only

        bits = cache.dtype == torch.bfloat16
        self._use_threads = kernels.use_threads
        self._threads = torch.get_num_threads()
        self._past, self._prompt = kernels.compiled(bits=bits, parallel=self._threads > 1)
        self._keys, self._values, self._prompt_keys, self._prompt_values = (
            (tensor.view(torch.uint16) if bits else tensor).numpy()
            for tensor in (cache.keys, cache.values, cache.prompt_keys, cache.prompt_values)
        )
        self._prompt_lengths = cache.prompt_lengths.numpy()
        self._rows = (ROWS, cache.keys.shape[3], cache.keys.shape[5])
        self._slots = self._lengths = np.zeros(0, np.int64)

    def aim(self, slots: Sequence[int], lengths: Sequence[int]) -> None:
        self._slots, self._lengths = np.array(slots, np.int64), np.array(lengths, np.int64)
        if self._threads > 1:
            self._use_threads(self._threads)

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        rows, heads, size = self._rows
        shaped = qkv.float().numpy().reshape(-1, rows, 3, heads, size)
        out = np.empty((len(shaped), rows, heads, size), np.float32)
        self._past(shaped, self._keys[layer], self._values[layer], self._slots, self._lengths, out)
        return torch.from_numpy(out).view(-1, heads * size)

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        rows, heads, size = self._rows
        shaped = query.float().numpy().reshape(-1, rows, heads, size)
        out = np.empty_like(shaped)
        keys, values = self._prompt_keys[layer], self._prompt_values[layer]
        self._prompt(shaped, keys, values, self._slots, self._prompt_lengths, out)
        return torch.from_numpy(out).view(-1, heads * size)


class MaskedAttention:
    """The first `songs` slots at once, whatever they hold; past lengths are read from `positions` on the device."""

    def __init__(self, cache: Cache, *, songs: int, span: int, positions: Tensor) -> None:
        self._cache, self._songs, self._span, self._positions = cache, songs, span, positions
        self._at = torch.arange(max(span, cache.prompt_keys.shape[4]), device=positions.device)
        self.look()

    def aim(self, slots: Sequence[int], lengths: Sequence[int]) -> None:
        """Nothing to say: the device knows, and `look` asks it."""

    def look(self) -> None:
        """Find out on the device how long each past and prompt is: as masks that all layers share."""
        n, (*_, heads, _, size) = self._songs, self._cache.keys.shape
        places = self._positions[:n]
        self._write_at = places.view(n, 1, 1, 1, 1).expand(n, ROWS, heads, 1, size)
        self._past = self._mask(self._at[: self._span] <= places.view(n, 1, 1).expand(n, ROWS, 1))
        text = self._at[: self._cache.prompt_keys.shape[4]]
        self._prompt = self._mask(text < self._cache.prompt_lengths[:n, :, None])

    def _mask(self, seen: Tensor) -> Tensor:
        """What is added to scores: seen [songs, ROWS, span] -> [rows, 1, 1, span], 0 where to look, else -inf.

        Of the cache's type, for of a mask of truth values torch would make this one in each layer again.
        """
        mask = torch.zeros(seen.shape, dtype=self._cache.dtype, device=seen.device)
        return mask.masked_fill_(~seen, float("-inf")).view(-1, 1, 1, seen.shape[-1])

    def past(self, layer: int, qkv: Tensor) -> Tensor:
        cache, n = self._cache, self._songs
        heads, size = cache.keys.shape[3], cache.keys.shape[5]
        q, k, v = qkv.to(cache.dtype).view(n, ROWS, 3, heads, 1, size).unbind(2)
        keys, values = cache.keys[layer, :n], cache.values[layer, :n]
        keys.scatter_(3, self._write_at, k)
        values.scatter_(3, self._write_at, v)
        return _attend(q, keys[..., : self._span, :], values[..., : self._span, :], self._past)

    def prompt(self, layer: int, query: Tensor) -> Tensor:
        cache, n = self._cache, self._songs
        keys, values = cache.prompt_keys[layer, :n], cache.prompt_values[layer, :n]
        q = query.to(cache.dtype).view(n, ROWS, keys.shape[2], 1, keys.shape[4])
        return _attend(q, keys, values, self._prompt)


def _attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Fold songs and rows, which is how torch takes them: q [songs, ROWS, heads, 1, size] -> [rows, dim]."""
    out = scaled_dot_product_attention(q.flatten(0, 1), keys.flatten(0, 1), values.flatten(0, 1), attn_mask=mask)
    return out.view(-1, q.shape[2] * q.shape[4])
