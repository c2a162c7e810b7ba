"""A model's weights in the precision that is wanted, and their products in torch; `products` has a CPU's for steps."""

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
    """The type of caches and of what flows between products; int8 weights go with a bfloat16 cache."""
    return _DTYPES[precision]


def default_precision(device: str) -> Precision:
    """bfloat16, or half on a GPU that does not multiply it; a CPU need not, since `products` widens what it reads."""
    if device.startswith("cuda") and not torch.cuda.is_bf16_supported(including_emulation=False):
        return "fp16"
    return "bf16"


def precision_for(wanted: Precision | None, device: str) -> Precision:
    """What is wanted, or what suits the device: int8's products are for CPUs."""
    if wanted is None or (wanted == "int8" and device.startswith("cuda")):
        return default_precision(device)
    return wanted


def _cpu_has_bf16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported()) or bool(torch.cpu._is_amx_tile_supported())


@dataclass(frozen=True)
class Linear:
    """A weight [out, in]: float32, bfloat16 or float16, or int8 where each row has its own step in `scale` [out].

    Called, it multiplies [rows, in] to [rows, out] by torch, in a type that the hardware multiplies.
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
    """Put a weight [out, in] into a precision. int8 rounds each row to 255 steps, its largest number to the last."""
    if precision != "int8":
        return Linear(weight.to(storage_dtype(precision)).contiguous())
    scale = weight.float().abs().amax(1).clamp(min=1e-12) / 127
    return Linear(torch.round(weight / scale[:, None]).to(torch.int8), scale)
