"""Codes into sound and back, with audiocraft's EnCodec or MultiBandDiffusion; called by the composing threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

CONTEXT_FRAMES = 25  # decoded on both sides of a chunk and cut off again; the convolutions reach less far


class ChunkDecoder:
    """Turns one song's codes into sound, chunk by chunk, as they arrive."""

    def __init__(self, codec: Any, *, context: int = CONTEXT_FRAMES) -> None:
        self._codec, self._context = codec, context
        self._codes: Tensor | None = None  # [codebooks, frames]: the context before the pending frames, and these
        self._samples = int(codec.sample_rate / codec.frame_rate)  # a frame; 640 at 32 kHz
        self._pending = 0  # first frame in `_codes` that has not become sound

    def feed(self, codes: Tensor, *, last: bool = False) -> Tensor:
        """Add codes [codebooks, n]; return the sound [channels, samples] of the frames whose context is complete."""
        known = codes if self._codes is None else torch.cat([self._codes, codes.to(self._codes.device)], dim=1)
        stop = known.shape[1] if last else known.shape[1] - self._context
        start = self._pending
        if stop <= start:
            self._codes = known
            return torch.zeros(self._codec.channels, 0)
        sound: Tensor = self._codec.decode(known[None])[0].float().cpu()
        keep = max(0, stop - self._context)  # the next chunk's left context begins here
        self._codes, self._pending = known[:, keep:], stop - keep
        return sound[:, start * self._samples : stop * self._samples]

    def finish(self) -> Tensor:
        """Return the sound of the frames that are left."""
        assert self._codes is not None
        return self.feed(self._codes[:, :0], last=True)


def encode(codec: Any, samples: Tensor) -> Tensor:
    """Turn sound [channels, samples] at the codec's rate into codes [codebooks, frames]."""
    codes, scale = codec.encode(samples[None].to(next(codec.parameters()).device))
    assert scale is None
    return codes[0]  # type: ignore[no-any-return]


def diffuse(diffusion: Any, codec: Any, codes: Tensor, *, seed: int, check: Callable[[], None]) -> Tensor:
    """Decode a whole song [codebooks, frames] with MultiBandDiffusion, each channel by itself: the model is mono.

    `check` is called before each step of it and may raise; a song takes minutes on a CPU.
    """
    hooks = [band.model.register_forward_pre_hook(lambda *_: check()) for band in diffusion.DPs]
    try:
        return _diffused(diffusion, codec, codes, seed=seed)
    finally:
        for hook in hooks:
            hook.remove()


def _diffused(diffusion: Any, codec: Any, codes: Tensor, *, seed: int) -> Tensor:
    parts = codec.get_left_right_codes(codes[None]) if hasattr(codec, "get_left_right_codes") else (codes[None],)
    with torch.random.fork_rng(devices=[codes.device] if codes.device.type == "cuda" else []):
        torch.manual_seed(seed)
        sound = [diffusion.tokens_to_wav(part)[0] for part in parts]
    return torch.cat(sound).float().cpu()
