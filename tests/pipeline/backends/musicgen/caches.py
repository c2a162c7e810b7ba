"""A cache in the middle of two songs, for the tests of a step."""

from __future__ import annotations

import torch

from pipeline.backends.musicgen.kv_cache import KVCache
from pipeline.backends.musicgen.linears import Precision, storage_dtype
from pipeline.backends.musicgen.network import Network

SLOTS, LENGTHS = [2, 0], [5, 17]  # where two songs are, and how long they are with the step that is taken


def full_cache(network: Network, precision: Precision) -> KVCache:
    """Three slots full of noise, with prompts of many lengths; the same each time."""
    torch.manual_seed(0)
    cache = KVCache(network, slots=3, span=40, dtype=storage_dtype(precision))
    for tensor in (cache.keys, cache.values, cache.prompt_keys, cache.prompt_values):
        tensor.copy_(torch.randn(tensor.shape))
    cache.prompt_lengths.copy_(torch.tensor([[9, 1], [3, 1], [200, 7]]))
    return cache
