"""A step's products with int8 weights on a CPU: our kernel against torch's `_weight_int8pack_mm`.

Both read the same weights [out, in] with a scale for each output. Ours takes activations in float32, torch's in
bfloat16 (in float32 it is slower). A pass makes every product of a step once, in order, each called from Python,
without the rest of the step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from bench.musicgen_decoders import BURST, Contestant
from pipeline.backends.musicgen import attention_kernels, cpu_step, matmul_kernels
from pipeline.backends.musicgen.kv_cache import GUIDANCE_ROWS
from pipeline.backends.musicgen.linears import Linear
from pipeline.backends.musicgen.network import Network

Pass = Callable[[], list[Tensor]]


def products(network: Network, songs: int) -> list[Contestant]:
    """Everyone who makes the products of a step of so many songs, ours first."""
    weights = list(_weights(network))
    activations = {width: torch.randn(GUIDANCE_ROWS * songs, width) for width in (network.dim, 4 * network.dim)}
    pairs = [(weight, activations[weight.weight.shape[1]]) for weight in weights]
    read = sum(weight.weight.numel() for weight in weights)
    return [Contestant(name, songs, 0, read, _burst(take)) for name, take in passes(pairs).items()]


def passes(pairs: list[tuple[Linear, Tensor]]) -> dict[str, Pass]:
    """Everyone's pass over int8 weights and the activations [rows, in] that each is multiplied with."""
    return {
        "ours": _ours(pairs),
        "torch int8pack": _torchs(pairs),
    }


def _weights(network: Network) -> Iterator[Linear]:
    for layer in network.layers:
        yield from (layer.qkv, layer.out)
        if layer.cross:
            yield from (layer.cross.query, layer.cross.out)
        yield from (layer.up, layer.down)
    yield network.logits


def _ours(pairs: list[tuple[Linear, Tensor]]) -> Pass:
    threads = torch.get_num_threads()
    attention_kernels.use_threads(threads)
    product = matmul_kernels.compiled(kind="int8", parallel=threads > 1, wide=matmul_kernels.host_is_wide())
    outs = [torch.empty(len(x), len(linear.weight)) for linear, x in pairs]
    calls = [
        (*cpu_step.raw_weight(linear), x.numpy(), out.numpy()) for (linear, x), out in zip(pairs, outs, strict=True)
    ]

    def take() -> list[Tensor]:
        for call in calls:
            product(*call)
        return outs

    return take


def _torchs(pairs: list[tuple[Linear, Tensor]]) -> Pass:
    calls = [(x.bfloat16(), it.weight, it.scale.bfloat16()) for it, x in pairs if it.scale is not None]

    def take() -> list[Tensor]:
        return [torch._weight_int8pack_mm(*call) for call in calls]

    return take


def _burst(take: Pass) -> Callable[[], list[float]]:
    def burst() -> list[float]:
        times = []
        for _ in range(BURST):
            started = time.perf_counter()
            take()
            times.append(time.perf_counter() - started)
        return times

    burst()  # compiles
    return burst
