"""A model's weights in a precision, and their products in torch. On CPUs steps use `matmul_kernels` instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import linear

Precision = Literal["fp32", "bf16", "fp16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.bfloat16}


def storage_dtype(precision: Precision) -> torch.dtype:
    """Give the type of the cache and of what attention reads; with int8 weights it is bfloat16."""
    return _DTYPES[precision]


def default_precision(device: str) -> Precision:
    """Give bfloat16, or float16 on a GPU without bfloat16; on a CPU, `matmul_kernels` converts it to float32."""
    if device.startswith("cuda") and not torch.cuda.is_bf16_supported(including_emulation=False):
        return "fp16"
    return "bf16"


def precision_for(wanted: Precision | None, device: str) -> Precision:
    """Give the wanted precision where the device has it (int8 is for CPUs), else the device's default."""
    if wanted is None or (wanted == "int8" and device.startswith("cuda")):
        return default_precision(device)
    return wanted


def _cpu_has_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported()) or bool(torch.cpu._is_amx_tile_supported())


@dataclass(frozen=True)
class Linear:
    """A weight [out, in] in float32, bfloat16 or float16, or in int8 with a scale for each row in `scale` [out].

    Called, it multiplies [rows, in] to [rows, out] with torch, in a type that the hardware multiplies.
    """

    weight: Tensor
    scale: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        weight = self.weight
        if weight.dtype in (torch.int8, torch.bfloat16):
            weight = weight.to(torch.float32 if weight.device.type == "cpu" and not _cpu_has_bf16() else torch.bfloat16)
        product = linear(x.to(weight.dtype), weight)
        return product if self.scale is None else product.float() * self.scale


def prepare(weight: Tensor, *, precision: Precision) -> Linear:
    """Convert a weight [out, in] to a precision. int8 maps the largest absolute number of each row to 127."""
    if precision != "int8":
        return Linear(weight.to(storage_dtype(precision)).contiguous())
    scale = weight.float().abs().amax(1).clamp(min=1e-12) / 127
    return Linear(torch.round(weight / scale[:, None]).to(torch.int8), scale)
