"""The lines of numpy at the head of each kernel's file are run as they stand, and compute what the kernel does."""

from __future__ import annotations

import textwrap
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import erf

from pipeline.backends.musicgen import attention_kernels, cpu_step, matmul_kernels
from pipeline.backends.musicgen.kv_cache import KVCache
from pipeline.backends.musicgen.linears import Linear, Precision, prepare
from pipeline.backends.musicgen.loading import Loaded
from pipeline.backends.musicgen.network import Norm, read_network
from tests.pipeline.backends.musicgen.caches import LENGTHS, SLOTS, full_cache


def run_lines(module: ModuleType, first: int = 0, last: int | None = None, /, **names: Any) -> SimpleNamespace:
    """Run the indented lines of a module's docstring, from `first` to before `last`, and return all names."""
    lines = [line for line in (module.__doc__ or "").splitlines() if line.startswith("    ")]
    names |= {"np": np, "erf": erf}
    exec(textwrap.dedent("\n".join(lines[first:last])), names)
    return SimpleNamespace(**names)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_products(precision: Precision) -> None:
    linear = prepare(torch.randn(192, 96) / 8, precision=precision)
    weight, scale = cpu_step.raw_weight(linear)
    x = torch.randn(6, 96).numpy()
    product = matmul_kernels.compiled(kind=cpu_step.kind_of(linear), parallel=False, wide=matmul_kernels.host_is_wide())
    ours, out = np.empty((6, 192), np.float32), np.empty((6, 192), np.float32)
    product(weight, scale, x, ours)
    run_lines(matmul_kernels, weight=weight, scale=scale, x=x, out=out)
    assert np.allclose(ours, out, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("bits", "near"), [(False, 1e-6), (True, 1e-2)])
def test_attention(bits: bool, near: float) -> None:
    heads, size, span = 3, 16, 20
    shape, dtype = (3, 2, heads, span, size), torch.bfloat16 if bits else torch.float32
    keys, values = torch.randn(shape).to(dtype), torch.randn(shape).to(dtype)
    slots, lengths = np.array(SLOTS), np.array([[5, 5], [17, 17]])
    qkv = torch.randn(4, 3, heads, size)
    kernels = attention_kernels.attention(bits=bits, head_size=size, parallel=False)
    plain_keys, plain_values = keys.float().numpy().copy(), values.float().numpy().copy()

    ours, rows = np.empty((4, heads * size), np.float32), qkv.view(4, -1).numpy()
    caches = [(cache.view(torch.uint16) if bits else cache).numpy() for cache in (keys, values)]
    kernels.remember(rows, *caches, slots, lengths)
    kernels.attend(rows, *caches, slots, lengths, ours)

    for row, head in np.ndindex(4, heads):
        song, side = divmod(row, 2)
        place = slots[song], side, head
        query, key, value = qkv[row, :, head].numpy()
        length = lengths[song, side]
        own = {"keys": plain_keys[place], "values": plain_values[place], "length": length}
        found = run_lines(attention_kernels, 0, 4, **own, query=query, key=key, value=value)
        assert np.allclose(ours[row].reshape(heads, size)[head], found.attended, atol=near)
    assert np.allclose(keys.float().numpy(), plain_keys, rtol=near, atol=near)
    assert np.allclose(values.float().numpy(), plain_values, rtol=near, atol=near)


def test_norm_and_gelu() -> None:
    x, weight, bias = (torch.randn(shape).numpy() * 3 for shape in ((4, 96), (96,), (96,)))
    found = run_lines(attention_kernels, 4, x=x, weight=weight, bias=bias)
    ours = np.empty_like(x)
    attention_kernels.norm(x, weight, bias, ours)
    assert np.allclose(ours, found.normed, atol=1e-5)
    attention_kernels.gelu(x)
    assert np.allclose(x, found.activated, atol=1e-6)


@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-5), ("bf16", 2e-2), ("int8", 2e-2)])
def test_step(text: Loaded, precision: Precision, near: float) -> None:
    network = read_network(text.lm, precision=precision)
    x = torch.randn(4, network.dim)
    logits = cpu_step.CompiledStep(network, full_cache(network, precision))(x, SLOTS, LENGTHS)
    cache = full_cache(network, precision)
    layers = [
        SimpleNamespace(
            norm=layer.norm, qkv=plain(layer.qkv), out=plain(layer.out), past=("past", index),
            cross=layer.cross and SimpleNamespace(
                norm=layer.cross.norm, query=plain(layer.cross.query), out=plain(layer.cross.out)
            ),
            prompt=("prompt", index),
            ff_norm=layer.ff_norm, up=plain(layer.up), down=plain(layer.down),
        )
        for index, layer in enumerate(network.layers)
    ]  # fmt: skip
    found = run_lines(
        cpu_step,
        layers=layers,
        x=x.numpy().copy(),
        norm=lambda x, norm: run_lines(attention_kernels, 4, 5, x=x, **plain_norm(norm)).normed,
        gelu=lambda x: run_lines(attention_kernels, 5, x=x).activated,
        attend=lambda rows, what: attend(cache, rows, *what),
        last_norm=network.norm,
        heads=plain(network.logits),
    )
    expected = found.logits.reshape(logits.shape)
    assert np.linalg.norm(logits.numpy() - expected) / np.linalg.norm(expected) < near


def attend(cache: KVCache, rows: Any, what: str, layer: int) -> Any:
    """Attend to the past, whose last position is part of `rows` [4, 3 * dim], or to the prompt, rows [4, dim]."""
    past = what == "past"
    all_keys, all_values = (cache.keys, cache.values) if past else (cache.prompt_keys, cache.prompt_values)
    heads, size = all_keys.shape[3], all_keys.shape[5]
    out = np.empty((4, heads, size))
    for row, head in np.ndindex(4, heads):
        song, side = divmod(row, 2)
        slot = SLOTS[song]
        keys, values = (part[layer, slot, side, head].float().numpy() for part in (all_keys, all_values))
        query, *new = rows.reshape(4, -1, heads, size)[row, :, head]
        names = {"keys": keys, "values": values, "query": query}
        if past:
            key, value = new
            found = run_lines(attention_kernels, 0, 4, **names, length=LENGTHS[song], key=key, value=value)
        else:
            found = run_lines(attention_kernels, 1, 4, **names, length=int(cache.prompt_lengths[slot, side]))
        out[row, head] = found.attended
    return out.reshape(4, -1)


def plain(linear: Linear) -> Any:
    """A weight in float32, as one array."""
    numbers = linear.weight.float()
    return (numbers if linear.scale is None else numbers * linear.scale[:, None]).numpy()


def plain_norm(norm: Norm) -> dict[str, Any]:
    return {"weight": norm.weight.numpy(), "bias": norm.bias.numpy()}
