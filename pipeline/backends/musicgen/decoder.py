"""The transformer: one step for many songs, and prefill, which takes many known positions of one song at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import embedding, gelu, scaled_dot_product_attention

from pipeline.backends.musicgen.attention import Attention, PlainAttention
from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS, KVCache
from pipeline.backends.musicgen.network import Network


def position_table(network: Network, span: int) -> Tensor:
    """Sinusoids for positions 0..span - 1, [span, dim]: cosines first, as in audiocraft's create_sin_embedding."""
    half = network.dim // 2
    steps = torch.arange(half, dtype=torch.float32, device=network.device)
    period = torch.full([], 10_000.0, device=network.device) ** (steps / (half - 1))
    phase = torch.arange(span, dtype=torch.float32, device=network.device)[:, None] / period
    return torch.cat([torch.cos(phase), torch.sin(phase)], dim=-1)


def embed(network: Network, codes: Tensor) -> Tensor:
    """Sum the codebooks' embeddings: codes [n, codebooks] -> [n, dim]."""
    first = torch.arange(network.codebooks, device=codes.device) * (network.card + 1)
    return embedding(codes + first, network.embedding).sum(1)


def step(network: Network, x: Tensor, attention: Attention) -> Tensor:
    """Run rows x [songs * GUIDANCE_ROWS, dim] through all layers.

    Returns logits [songs, GUIDANCE_ROWS, codebooks, card], float32.
    """
    x = _through(network, x, attention.past, attention.prompt)
    return network.logits(network.norm(x)).float().view(-1, GUIDANCE_ROWS, network.codebooks, network.card)


def step_alone(network: Network, cache: KVCache, x: Tensor, slots: Sequence[int], lengths: Sequence[int]) -> Tensor:
    """Take a step song by song: in torch's products the last bits of a row depend on how many rows there are."""
    songs = zip(x.split(GUIDANCE_ROWS), slots, lengths, strict=True)
    return torch.cat([step(network, rows, PlainAttention(cache, slot, length)) for rows, slot, length in songs])


def prefill(network: Network, cache: KVCache, slot: int, x: Tensor, *, start: int) -> None:
    """Write n known positions of a song to the cache: x [GUIDANCE_ROWS, n, dim], from position `start` on."""
    rows, n, dim = x.shape
    heads, size, stop = network.heads, network.head_dim, start + x.shape[1]
    lengths = cache.prompt_lengths[slot].tolist()  # read once: each read waits for the GPU
    earlier = torch.arange(stop, device=x.device) <= torch.arange(start, stop, device=x.device)[:, None]  # [n, stop]

    def past(layer: int, qkv: Tensor) -> Tensor:
        q, k, v = qkv.to(cache.dtype).view(rows, n, 3, heads, size).permute(2, 0, 3, 1, 4)  # [rows, heads, n, size]
        keys, values = cache.keys[layer, slot, :, :, :stop], cache.values[layer, slot, :, :, :stop]
        keys[:, :, start:], values[:, :, start:] = k, v
        out = scaled_dot_product_attention(q, keys, values, attn_mask=earlier)
        return out.transpose(1, 2).reshape(rows * n, dim)

    def prompt(layer: int, query: Tensor) -> Tensor:
        q = query.to(cache.dtype).view(rows, n, heads, size).transpose(1, 2)
        out = torch.empty_like(q)
        for row, length in enumerate(lengths):
            keys = cache.prompt_keys[layer, slot, row, :, :length]
            out[row] = scaled_dot_product_attention(q[row], keys, cache.prompt_values[layer, slot, row, :, :length])
        return out.transpose(1, 2).reshape(rows * n, dim)

    _through(network, x.reshape(rows * n, dim), past, prompt)


def _through(
    network: Network,
    x: Tensor,  # [rows, dim], float32: the sum over layers stays exact whatever the products' type
    past: Callable[[int, Tensor], Tensor],
    prompt: Callable[[int, Tensor], Tensor],
) -> Tensor:
    for index, layer in enumerate(network.layers):
        x = x + layer.out(past(index, layer.qkv(layer.norm(x))))
        if layer.cross:
            x = x + layer.cross.out(prompt(index, layer.cross.query(layer.cross.norm(x))))
        x = x + layer.down(gelu(layer.up(layer.ff_norm(x))))
    return x
