"""Makes audiocraft 1.3.0 run beside a current torch, offline. `loading` calls it before anything of audiocraft.

Why its pins are overridden, here and in pyproject's `music` extra (installed without audiocraft's own list):
  torch==2.1.0       has no wheels for today's Pythons. Nothing audiocraft does here changed up to 2.13; the tests
                     hold our decoder against audiocraft's own tokens.
  xformers<0.0.23    each release is built for one torch. With audiocraft's default "torch" attention, one function of
                     it is called, `ops.unbind`, which is `torch.unbind`, and two names are read; a stub module has
                     these three.
  torchaudio<2.1.2   its compiled part links CUDA and does not load beside a CPU build of torch. Only spectrograms
                     are used, which are plain torch; it is imported without the compiled part.
  av==11, torchvision, torchtext, gradio   for reading files and for demos; not used, any version or none will do.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch


def _unchanged(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _absent(*_: object, **__: object) -> None:
    raise NotImplementedError("audiocraft wants xformers' attention, which is not installed here")


def register_stubs() -> None:
    """Register stubs for what audiocraft imports and does not use, unless the real modules are imported already."""
    ops = types.ModuleType("xformers.ops")
    ops.__dict__.update(unbind=torch.unbind, memory_efficient_attention=_absent, LowerTriangularMask=object)
    if "xformers" not in sys.modules:
        sys.modules.update({"xformers": types.ModuleType("xformers"), "xformers.ops": ops})
        sys.modules["xformers"].__dict__["ops"] = ops
    if "torchaudio" not in sys.modules:
        extension = types.ModuleType("torchaudio._extension")
        extension.__dict__.update(
            _IS_TORCHAUDIO_EXT_AVAILABLE=False,
            _IS_ALIGN_AVAILABLE=False,
            _check_cuda_version=lambda: None,
            fail_if_no_align=_unchanged,
        )
        sys.modules["torchaudio._extension"] = extension


def stay_offline(cache: Path) -> None:
    """Let the Hugging Face libraries read `cache` only, and never download while a listener waits."""
    from huggingface_hub import constants

    constants.HF_HUB_CACHE = str(cache)
    constants.HF_HUB_OFFLINE = True


def fix_demucs_shift() -> None:
    """Have demucs shift every recording by a quarter of a second.

    By default the shift is random, up to half a second, and the same melody would give another song each time.
    """
    from demucs import apply

    apply.random = types.SimpleNamespace(randint=lambda low, high: (low + high) // 2)
