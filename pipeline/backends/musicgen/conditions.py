"""Encodes a prompt and a melody into the decoder's conditions, with audiocraft's own T5 and chroma code."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pipeline.backends.musicgen.engine import Conditions
from pipeline.backends.musicgen.kv_cache import TEXT_SPAN
from pipeline.backends.musicgen.loading import Loaded

MELODY = "self_wav"  # audiocraft's name of that condition


def encode(loaded: Loaded, text: str, *, avoid: str = "", melody: Tensor | None = None) -> Conditions:
    """Encode a prompt and, for a melody model, a melody [1, samples] at the model's rate that spans the window.

    The second row is the unconditional one, from which guidance leads away: empty, or the words in `avoid`.
    """
    from audiocraft.modules.conditioners import ClassifierFreeGuidanceDropout

    wanted = _attributes(loaded, text, melody)
    unwanted = ClassifierFreeGuidanceDropout(p=1.0)([wanted])[0]
    if avoid:
        unwanted.text["description"] = avoid
    provider = loaded.lm.condition_provider
    return _fuse(loaded, provider(provider.tokenize([wanted, unwanted])))


def _attributes(loaded: Loaded, text: str, melody: Tensor | None) -> Any:
    from audiocraft.modules.conditioners import ConditioningAttributes, WavCondition

    attributes = ConditioningAttributes(text={"description": text})
    if loaded.melody:
        wave = torch.zeros(1, 1, 1) if melody is None else melody[None].float()
        length = torch.tensor([0 if melody is None else melody.shape[-1]])
        attributes.wav[MELODY] = WavCondition(wave, length, [loaded.sample_rate], [None], [0.0])
    return attributes


def _fuse(loaded: Loaded, tensors: dict[str, tuple[Tensor, Tensor]]) -> Conditions:
    """Arrange conditions as audiocraft's ConditionFuser does: of those that are prepended, the last comes first.

    Of a text the first TEXT_SPAN tokens are used: a slot of the cache holds no more.
    """
    prompt: list[Tensor] = []
    prepended: list[Tensor] = []
    for name, (encoded, _) in tensors.items():
        states = encoded if name == MELODY else encoded[:, :TEXT_SPAN]
        if loaded.lm.fuser.cond2fuse[name] == "prepend":
            prepended.insert(0, states)
        else:
            prompt.append(states)
    return Conditions(
        prompt=torch.cat(prompt, dim=1) if prompt else None,
        prepended=torch.cat(prepended, dim=1) if prepended else None,
    )


def prepended_span(loaded: Loaded, *, text: int = TEXT_SPAN) -> int:
    """Count the positions that a melody model's longest conditions take: its chroma and `text` tokens."""
    if not loaded.lm.fuser.fuse2cond["prepend"]:
        return 0
    return int(loaded.lm.condition_provider.conditioners[MELODY].chroma_len) + text
