"""The compiled and the plain attention agree; products keep rows apart and stay near the exact ones."""

from __future__ import annotations

import pytest
import torch

from pipeline.backends.musicgen import layers
from pipeline.backends.musicgen.attention import Attention, KernelAttention, MaskedAttention, PlainAttention
from pipeline.backends.musicgen.cache import Cache
from pipeline.backends.musicgen.linears import Precision, precision_for, prepare
from pipeline.backends.musicgen.loading import Loaded

HEADS, SIZE = 4, 8  # of the tiny models


def ask(loaded: Loaded, way: str, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, Cache]:
    """Two songs of 5 and 17 positions in slots 2 and 0, then one more step of each."""
    network = layers.read(loaded.lm, precision="fp32")
    torch.manual_seed(0)
    cache = Cache(network, slots=3, span=40, dtype=dtype)
    for tensor in (cache.keys, cache.values, cache.prompt_keys, cache.prompt_values):
        tensor.copy_(torch.randn(tensor.shape))
    cache.prompt_lengths.copy_(torch.tensor([[9, 1], [3, 1], [200, 7]]))
    qkv, query = torch.randn(4, 3 * HEADS * SIZE), torch.randn(4, HEADS * SIZE)
    attention: Attention
    if way == "masked":
        attention = MaskedAttention(cache, songs=3, span=32, positions=torch.tensor([16, 0, 4]))
        # slots 0, 1, 2 in this order; slot 1 is idle
        past = attention.past(1, torch.cat([qkv[2:], qkv[2:], qkv[:2]]))
        prompt = attention.prompt(1, torch.cat([query[2:], query[2:], query[:2]]))
        return past[[4, 5, 0, 1]].float(), prompt[[4, 5, 0, 1]].float(), cache
    attention = KernelAttention(cache) if way == "kernel" else PlainAttention(cache)
    attention.aim([2, 0], [5, 17])
    return attention.past(1, qkv).float(), attention.prompt(1, query).float(), cache


@pytest.mark.parametrize("way", ["kernel", "masked"])
@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_all_ways_of_attention_agree(text: Loaded, way: str, dtype: torch.dtype, near: float) -> None:
    past, prompt, cache = ask(text, way, dtype)
    plain_past, plain_prompt, plain_cache = ask(text, "plain", dtype)

    assert torch.allclose(past, plain_past, atol=near)
    assert torch.allclose(prompt, plain_prompt, atol=near)
    for slot, last in ((2, 4), (0, 16)):
        assert torch.equal(cache.keys[1, slot, :, :, last], plain_cache.keys[1, slot, :, :, last])
        assert torch.equal(cache.values[1, slot, :, :, last], plain_cache.values[1, slot, :, :, last])


@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-6), ("bf16", 6e-3), ("int8", 2e-2)])
def test_products_are_near_and_do_not_depend_on_neighbours(precision: Precision, near: float) -> None:
    torch.manual_seed(1)
    weight, x = torch.randn(192, 64) / 8, torch.randn(16, 64) * torch.logspace(-2, 2, 16)[:, None]
    linear = prepare(weight, precision=precision)
    exact = (x.double() @ weight.double().T).float()
    ours = linear(x).float()

    assert ((ours - exact).norm(dim=1) / exact.norm(dim=1)).max() < near
    for first, count in ((0, 2), (4, 2), (6, 4), (14, 2), (8, 8), (3, 1)):
        assert torch.equal(linear(x[first : first + count].contiguous()).float(), ours[first : first + count])


def test_int8_is_for_cpus() -> None:
    assert precision_for("int8", "cpu") == "int8"
    assert precision_for("int8", "cuda") == precision_for(None, "cuda") in ("bf16", "fp16")
    assert precision_for("fp32", "cuda") == "fp32"


def test_a_row_of_zeros_stays_zero_in_int8() -> None:
    linear = prepare(torch.randn(8, 64), precision="int8")

    assert torch.equal(linear(torch.zeros(2, 64)), torch.zeros(2, 8))
