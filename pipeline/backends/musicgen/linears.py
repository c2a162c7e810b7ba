"""Matrix products of a decoding step: few rows times a large weight, so reading the weight is the whole cost.

On a CPU torch's default (MKL) reaches a third of the memory's speed with two rows; oneDNN with weights laid out
once for it, and fbgemm for int8, reach nearly all of it. Both give each row the same bits whatever rows stand
beside it, which is what lets a song sound the same alone and in a batch.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

Precision = Literal["fp32", "bf16", "fp16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Linear = Callable[[Tensor], Tensor]  # [rows, in] -> [rows, out]

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.bfloat16}


def storage_dtype(precision: Precision) -> torch.dtype:
    """The type of caches and of what flows between products; int8 weights go with a bfloat16 cache."""
    return _DTYPES[precision]


def default_precision(device: str) -> Precision:
    """bfloat16 where the hardware multiplies it, else half on a GPU and single on a CPU."""
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "bf16" if torch.backends.mkldnn.is_available() and _cpu_has_bf16() else "fp32"


def precision_for(wanted: Precision | None, device: str) -> Precision:
    """What is wanted, or what suits the device: int8's products are for CPUs."""
    if wanted is None or (wanted == "int8" and device.startswith("cuda")):
        return default_precision(device)
    return wanted


def _cpu_has_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported()) or bool(torch.cpu._is_amx_tile_supported())


def prepare(weight: Tensor, *, precision: Precision) -> Linear:
    """Lay out `weight` [out, in] for products with few rows; takes and returns float32 or the precision's type."""
    if precision == "int8":
        return _int8(weight.float().cpu())
    dtype = storage_dtype(precision)
    if weight.device.type == "cpu" and torch.backends.mkldnn.is_available() and precision != "fp16":
        return _onednn(weight.to(dtype))
    return _plain(weight.to(dtype))


def _plain(weight: Tensor) -> Linear:
    weight = weight.contiguous()
    return lambda x: torch.nn.functional.linear(x.to(weight.dtype), weight)


def _onednn(weight: Tensor) -> Linear:
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), 2)
    run, dtype = torch.ops.mkldnn._linear_pointwise.default, weight.dtype

    def linear(x: Tensor) -> Tensor:
        return run(x.to(dtype), packed, None, "none", [], "")  # type: ignore[no-any-return]

    return linear


def _int8(weight: Tensor) -> Linear:
    """Quantise rows of the weight once and rows of the input each time, each row by its own largest value.

    fbgemm's own dynamic product takes one scale for all input rows, which would let neighbours in a batch change
    a song; scaling each row to [-1, 1] first and handing over the fixed step 1/127 keeps rows apart.
    """
    scale = weight.abs().amax(1).clamp(min=1e-12) / 127
    rounded = torch.round(weight / scale[:, None]).to(torch.int8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch plans to drop the old quantised tensors, which packing still takes
        quantised = torch._make_per_channel_quantized_tensor(
            rounded, scale.double(), torch.zeros(len(weight), dtype=torch.long), 0
        )
        packed = torch.ops.quantized.linear_prepack(quantised, None)
    run = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default

    def linear(x: Tensor) -> Tensor:
        x = x.float()
        peak = x.abs().amax(-1, keepdim=True).clamp_(min=1e-12)  # [rows, 1]
        return run(x / peak, 1 / 127, 128, packed) * peak  # type: ignore[no-any-return]

    return linear
