"""Our compiled step and torch's agree, in its parts and as a whole; neighbours in a batch do not show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from pipeline.backends.musicgen import attention_kernels, cpu_step, decoder, matmul_kernels
from pipeline.backends.musicgen.attention import MaskedAttention, PlainAttention
from pipeline.backends.musicgen.kv_cache import KVCache
from pipeline.backends.musicgen.linears import Precision, precision_for, prepare
from pipeline.backends.musicgen.loading import Loaded, load
from pipeline.backends.musicgen.network import Norm, read_network
from tests.pipeline.backends.musicgen.caches import LENGTHS, SLOTS, full_cache


@pytest.fixture
def two_threads() -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", ["text", "tune"])
@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-5), ("bf16", 2e-2), ("int8", 2e-2)])
def test_the_compiled_step_is_torchs(home: Path, name: str, precision: Precision, near: float) -> None:
    network = read_network(load(name, home).lm, precision=precision)
    plain, ours = full_cache(network, precision), full_cache(network, precision)
    x = torch.randn(4, network.dim)

    expected = decoder.step_alone(network, plain, x, SLOTS, LENGTHS)
    logits = cpu_step.CompiledStep(network, ours)(x, SLOTS, LENGTHS)

    assert expected.shape == logits.shape == (2, 2, network.codebooks, network.card)
    assert (logits - expected).norm() / expected.norm() < near
    for mine, theirs in ((ours.keys, plain.keys), (ours.values, plain.values)):
        for slot, length in zip(SLOTS, LENGTHS, strict=True):
            written, expected = mine[:, slot, :, :, length - 1], theirs[:, slot, :, :, length - 1]
            assert (written - expected).float().norm() / expected.float().norm() < near
            written.copy_(expected)
        assert torch.equal(mine, theirs), "nothing else was written"


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.usefixtures("two_threads")
def test_a_step_has_the_same_bits_with_neighbours_and_on_more_threads(text: Loaded, precision: Precision) -> None:
    network = read_network(text.lm, precision=precision)
    x, slots, lengths = torch.randn(6, network.dim), [1, 2, 0], [30, 5, 17]

    together = cpu_step.CompiledStep(network, full_cache(network, precision))(x, slots, lengths)
    torch.set_num_threads(1)
    alone = cpu_step.CompiledStep(network, full_cache(network, precision))

    for song, rows in enumerate(x.split(2)):
        assert torch.equal(alone(rows, [slots[song]], [lengths[song]])[0], together[song])


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-6), ("bf16", 3e-3), ("int8", 8e-3)])
def test_products_are_near_and_do_not_depend_on_neighbours(precision: Precision, near: float, wide: bool) -> None:
    torch.manual_seed(1)
    weight, x = torch.randn(192, 96) / 8, torch.randn(14, 96) * torch.logspace(-2, 2, 14)[:, None]
    linear = prepare(weight, precision=precision)
    numbers, scale = cpu_step.raw_weight(linear)
    product = matmul_kernels.compiled(kind=cpu_step.kind_of(linear), parallel=False, wide=wide)

    def times(rows: torch.Tensor) -> torch.Tensor:
        out = torch.empty(len(rows), len(weight))
        product(numbers, scale, rows.numpy(), out.numpy())
        return out

    exact, ours = (x.double() @ weight.double().T).float(), times(x)
    assert ((ours - exact).norm(dim=1) / exact.norm(dim=1)).max() < near
    assert ((linear(x).float() - exact).norm(dim=1) / exact.norm(dim=1)).max() < 2 * near
    for first, count in ((0, 2), (4, 2), (6, 4), (12, 2), (2, 8)):
        assert torch.equal(times(x[first : first + count]), ours[first : first + count])


def test_a_row_of_zeros_stays_zero_in_int8() -> None:
    weight = torch.randn(8, 64)
    weight[3] = 0

    assert torch.equal(prepare(weight, precision="int8")(torch.ones(2, 64))[:, 3], torch.zeros(2))


def test_the_compiled_functions_are_torchs() -> None:
    x = torch.cat([torch.linspace(-12, 12, 4001), torch.tensor([-1e4, -50.0, 0.0, 50.0, 1e4])]).view(2, -1)
    squashed = x.clone()
    attention_kernels.gelu(squashed.numpy())
    assert torch.allclose(squashed, torch.nn.functional.gelu(x), rtol=1e-6, atol=1e-6)

    x, weight, bias = torch.randn(4, 96) * 3 + 20, torch.randn(96), torch.randn(96)
    out = torch.empty_like(x)
    attention_kernels.norm(x.numpy(), weight.numpy(), bias.numpy(), out.numpy())
    assert torch.allclose(out, Norm(weight, bias)(x), atol=1e-5)


@pytest.mark.parametrize(("precision", "near"), [("fp32", 1e-5), ("bf16", 2e-2)])
def test_attention_for_graphs_is_the_plain_one(text: Loaded, precision: Precision, near: float) -> None:
    network = read_network(text.lm, precision="fp32")
    plain_cache, cache = full_cache(network, precision), full_cache(network, precision)
    qkv, query = torch.randn(6, 3 * network.dim), torch.randn(6, network.dim)  # slots 0, 1, 2; slot 1 is idle
    masked = MaskedAttention(cache, songs=3, span=32, positions=torch.tensor([16, 0, 4]))
    past, prompt = masked.past(1, qkv).float(), masked.prompt(1, query).float()

    for slot, length in zip(SLOTS, LENGTHS, strict=True):
        plain, rows = PlainAttention(plain_cache, slot, length), slice(2 * slot, 2 * slot + 2)
        assert torch.allclose(past[rows], plain.past(1, qkv[rows]).float(), atol=near)
        assert torch.allclose(prompt[rows], plain.prompt(1, query[rows]).float(), atol=near)
        assert torch.equal(cache.keys[1, slot], plain_cache.keys[1, slot])
        assert torch.equal(cache.values[1, slot], plain_cache.values[1, slot])


def test_what_cannot_be_compiled_is_left_to_torch(text: Loaded) -> None:
    network = read_network(text.lm, precision="fp16")

    assert not cpu_step.suits(network, KVCache(network, slots=1, span=8, dtype=torch.float16))
    assert not matmul_kernels.fit((6, 32))
    assert not matmul_kernels.fit((8, 48))


def test_each_device_has_its_precision() -> None:
    assert precision_for(None, "cpu") == "bf16"
    assert precision_for("int8", "cpu") == "int8"
    assert precision_for("int8", "cuda") == precision_for(None, "cuda") in ("bf16", "fp16")
    assert precision_for("fp32", "cuda") == "fp32"
