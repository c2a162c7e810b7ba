"""audiocraft's own answers, and ours in the same words, for the tests that compare them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from pipeline.backends.musicgen import audiocraft_compat
from pipeline.backends.musicgen.conditions import encode, prepended_span
from pipeline.backends.musicgen.engine import Conditions, Engine, SamplingParams
from pipeline.backends.musicgen.generation_request import Window
from pipeline.backends.musicgen.loading import Loaded, load
from pipeline.backends.musicgen.network import read_network
from tests.pipeline.backends.musicgen import tiny

PROMPT = "warm lofi piano with soft drums"


class Reference:
    """A model in audiocraft's hands, `model` being its MusicGen, and in ours."""

    def __init__(self, loaded: Loaded, model: Any) -> None:
        self.loaded, self.model = loaded, model
        self.network = read_network(loaded.lm, precision="fp32")

    @classmethod
    def saved(cls, home: Path, name: str, *, window_s: float = 30.0) -> Self:
        """A checkpoint, loaded once by audiocraft and once by us."""
        audiocraft_compat.register_stubs()
        from audiocraft.models import MusicGen

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = MusicGen.get_pretrained(str(home / name), device="cpu")
        model.max_duration = window_s
        return cls(load(name, home), model)

    @classmethod
    def unsaved(cls, home: Path, size: tiny.Size) -> Self:
        """A model of any size that both hold in the same memory; its text encoder is that of `home`."""
        audiocraft_compat.register_stubs()
        audiocraft_compat.stay_offline(home / "hub")
        from audiocraft.models import MusicGen

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lm, codec = tiny.build_model(size)
        loaded = Loaded("unsaved", lm, codec, None, window_s=size.window_s, melody=False)
        return cls(loaded, MusicGen("unsaved", codec, lm, max_duration=size.window_s))

    def theirs(
        self,
        settings: SamplingParams,
        *,
        seconds: float,
        prompt: Tensor | None = None,
        melody: Tensor | None = None,
        stride_s: float = 1.0,
        text: str = PROMPT,
    ) -> Tensor:
        """Codes [codebooks, frames] by audiocraft, alone; `prompt` codes [codebooks, n] are part of them."""
        self.model.set_generation_params(
            use_sampling=True,
            top_k=settings.top_k,
            top_p=settings.top_p,
            temperature=settings.temperature,
            cfg_coef=settings.guidance,
            duration=seconds,
            extend_stride=stride_s,
        )
        wavs = None if melody is None else [melody]
        attributes, _ = self.model._prepare_tokens_and_attributes([text], None, wavs)
        torch.manual_seed(settings.seed)
        with torch.no_grad():
            codes = self.model._generate_tokens(attributes, None if prompt is None else prompt[None])
        return codes[0]  # type: ignore[no-any-return]

    def engine(self, *, kernel: bool = False, slots: int = 2, frames: int = 100) -> Engine:
        before = prepended_span(self.loaded, text=64)
        return Engine(self.network, slots=slots, frames=frames, prepended=before, kernel=kernel)

    def ours(
        self,
        settings: SamplingParams,
        *,
        windows: Sequence[Window],
        conditions: Sequence[Conditions] | None = None,
        prompt: Tensor | None = None,
        stride: int = 0,
        engine: Engine | None = None,
    ) -> Tensor:
        """The same codes by our engine, without a scheduler."""
        engine = engine or self.engine()
        encoded = conditions or [encode(self.loaded, PROMPT)] * len(windows)
        known = torch.zeros(self.network.codebooks, 0, dtype=torch.long) if prompt is None else prompt
        engine.assign(0, settings)
        parts = [known]
        for window, condition in zip(windows, encoded, strict=True):
            for _ in engine.open(0, condition, codes=known, frames=window.frames):
                pass
            while engine.complete(0) < window.frames:
                engine.advance([0])
            parts.append(engine.codes(0, window.known, window.frames))
            known = engine.codes(0, stride, window.frames)
        return torch.cat(parts, dim=1)
