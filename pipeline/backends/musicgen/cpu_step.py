"""A decoding step on CPUs: each layer is three compiled calls, so that nothing but the memory is waited for. In numpy:

    for layer in layers:
        x += attend(norm(x, layer.norm) @ layer.qkv.T, layer.past) @ layer.out.T
        x += attend(norm(x, layer.cross.norm) @ layer.cross.query.T, layer.prompt) @ layer.cross.out.T
        x += gelu(norm(x, layer.ff_norm) @ layer.up.T) @ layer.down.T
    logits = norm(x, last_norm) @ heads.T

`attend`, `norm` and `gelu` are in attention_kernels, `@` in matmul_kernels. Melody models have no `cross`. In torch a
step of musicgen-small loses 10 ms between products, norms and additions; its products in int8 take 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numba import njit
from torch import Tensor

from pipeline.backends.musicgen import attention_kernels, matmul_kernels
from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS, KVCache
from pipeline.backends.musicgen.linears import Linear
from pipeline.backends.musicgen.network import Cross, Network, Norm


def suits(network: Network, cache: KVCache) -> bool:
    """Whether a step can be compiled: on a CPU, for float32 or bfloat16 caches and the shapes of published models."""
    if network.device.type != "cpu" or cache.dtype not in (torch.float32, torch.bfloat16):
        return False
    return matmul_kernels.fit((network.dim, network.dim)) and matmul_kernels.fit(network.logits.weight.shape)


class CompiledStep:
    """Takes steps of a network over the songs of a cache."""

    def __init__(self, network: Network, cache: KVCache) -> None:
        self._network, self._threads = network, torch.get_num_threads()
        self._layer_kernels = layer_kernels(
            kind=kind_of(network.logits),
            bits=cache.dtype == torch.bfloat16,
            head_size=network.head_dim,
            parallel=self._threads > 1,
        )
        keys, values, prompt_keys, prompt_values = map(
            _raw, (cache.keys, cache.values, cache.prompt_keys, cache.prompt_values)
        )
        self._prompt_lengths = cache.prompt_lengths.numpy()
        self._layers = [
            (
                (_norm(layer.norm), raw_weight(layer.qkv), raw_weight(layer.out), keys[index], values[index]),
                layer.cross and (*_query_weights(layer.cross), prompt_keys[index], prompt_values[index]),
                (_norm(layer.ff_norm), raw_weight(layer.up), raw_weight(layer.down)),
            )
            for index, layer in enumerate(network.layers)
        ]
        self._head = _norm(network.norm), raw_weight(network.logits)
        self(torch.zeros(0, network.dim), [], [])  # compiles everything, so that no song waits for the compiler

    def __call__(self, x: Tensor, slots: Sequence[int], lengths: Sequence[int]) -> Tensor:
        """Run rows x [songs * GUIDANCE_ROWS, dim] of the songs in `slots`; `lengths` of their pasts include this step.

        Returns logits [songs, GUIDANCE_ROWS, codebooks, card].
        """
        if self._threads > 1:
            attention_kernels.use_threads(self._threads)
        run, rows = self._layer_kernels, x.float().numpy().copy()
        at = np.array(slots, np.int64)
        past_lengths = np.array(lengths, np.int64).repeat(GUIDANCE_ROWS).reshape(-1, GUIDANCE_ROWS)
        prompt_lengths = self._prompt_lengths[at]
        for past, prompt, feed_forward in self._layers:
            run.past(rows, *past, at, past_lengths)
            if prompt:
                run.prompt(rows, *prompt, at, prompt_lengths)
            run.feed_forward(rows, *feed_forward)
        logits = run.head(rows, *self._head)
        return torch.from_numpy(logits).view(len(at), GUIDANCE_ROWS, self._network.codebooks, self._network.card)


class LayerKernels(NamedTuple):
    """The three compiled parts of a layer, which add to rows x [2 * songs, dim] in place, and the heads after them."""

    past: Any
    prompt: Any
    feed_forward: Any
    head: Any


@lru_cache(maxsize=8)
def layer_kernels(*, kind: str, bits: bool, head_size: int, parallel: bool) -> LayerKernels:
    """Compile the parts for weights of a kind, a float32 or, with `bits`, a bfloat16 cache, and heads of a size."""
    product = matmul_kernels.compiled(kind=kind, parallel=parallel, wide=matmul_kernels.host_is_wide())
    remember, attend = attention_kernels.attention(bits=bits, head_size=head_size, parallel=parallel)
    gelu, normalise = attention_kernels.gelu, attention_kernels.norm

    @njit
    def times(x: Any, weight: Any) -> Any:
        numbers, scale = weight
        out = np.empty((len(x), len(numbers)), np.float32)
        product(numbers, scale, x, out)
        return out

    @njit
    def add_times(total: Any, x: Any, weight: Any) -> None:
        more = times(x, weight)
        for row in range(len(more)):
            for d in range(more.shape[1]):
                total[row, d] += more[row, d]

    @njit
    def normed(x: Any, norm: Any) -> Any:
        out = np.empty_like(x)
        normalise(x, norm[0], norm[1], out)
        return out

    @njit(nogil=True)
    def past(x: Any, norm: Any, qkv: Any, out: Any, keys: Any, values: Any, slots: Any, lengths: Any) -> None:
        new, attended = times(normed(x, norm), qkv), np.empty_like(x)
        remember(new, keys, values, slots, lengths)
        attend(new, keys, values, slots, lengths, attended)  # the first columns of `new` are the query
        add_times(x, attended, out)

    @njit(nogil=True)
    def prompt(x: Any, norm: Any, query: Any, out: Any, keys: Any, values: Any, slots: Any, lengths: Any) -> None:
        attended = np.empty_like(x)
        attend(times(normed(x, norm), query), keys, values, slots, lengths, attended)
        add_times(x, attended, out)

    @njit(nogil=True)
    def feed_forward(x: Any, norm: Any, up: Any, down: Any) -> None:
        wide = times(normed(x, norm), up)
        gelu(wide)
        add_times(x, wide, down)

    @njit(nogil=True)
    def head(x: Any, norm: Any, logits: Any) -> Any:
        return times(normed(x, norm), logits)

    return LayerKernels(past, prompt, feed_forward, head)


def kind_of(linear: Linear) -> str:
    """Name the kind of weights for `matmul_kernels.compiled`."""
    return str(linear.weight.dtype).removeprefix("torch.")


def _raw(tensor: Tensor) -> Any:
    """View a tensor's memory as a numpy array, bfloat16 as uint16: numpy has no bfloat16."""
    return (tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor).numpy()


def _query_weights(cross: Cross) -> tuple[Any, ...]:
    return _norm(cross.norm), raw_weight(cross.query), raw_weight(cross.out)


def raw_weight(linear: Linear) -> tuple[Any, Any]:
    """View a weight and its scale as numpy arrays; the scale is 1 where the weight has none."""
    scale = torch.ones(len(linear.weight)) if linear.scale is None else linear.scale
    return _raw(linear.weight), scale.numpy()


def _norm(norm: Norm) -> tuple[Any, Any]:
    return norm.weight.numpy(), norm.bias.numpy()
