"""Prepares waveforms for the model: checks melodies, converts rate and channels; joins a song and its continuation."""

from __future__ import annotations

import julius
import numpy as np
import torch
from torch import Tensor

from pipeline.errors import BadInput
from pipeline.values import MAX_DURATION_S, Waveform

MELODY_MIN_S = 1.5  # a melody repeats until the song ends, and a shorter one too often to be music
SILENCE_RMS = 1e-3  # -60 dB


def check_melody(melody: Waveform) -> None:
    """Raise BadInput "melody_too_short" or "melody_silent" for what the model cannot follow."""
    if melody.duration_s < MELODY_MIN_S:
        raise BadInput("melody_too_short", seconds=MELODY_MIN_S)
    loudness = float(np.sqrt(np.mean(np.square(melody.samples, dtype=np.float64))))
    if not loudness > SILENCE_RMS:  # also true for NaN
        raise BadInput("melody_silent")


def convert(waveform: Waveform, *, rate: int, channels: int) -> Tensor:
    """Convert to `rate` and `channels`, cut to a song's greatest length: [channels, samples] float32."""
    longest = int(MAX_DURATION_S * waveform.sample_rate)
    samples = torch.from_numpy(np.ascontiguousarray(waveform.samples[:, :longest], dtype=np.float32))
    if samples.shape[0] != channels:
        samples = samples.mean(0, keepdim=True).expand(channels, -1)
    resampled: Tensor = julius.resample_frac(samples.contiguous(), waveform.sample_rate, rate)
    return resampled


def join(earlier: Waveform, later: Waveform, *, context_s: float, seam_s: float) -> Waveform:
    """Join two sounds; the first `context_s` of `later`, or all of `earlier` if that is less, repeat the end of it."""
    start = convert(earlier, rate=later.sample_rate, channels=later.channels).numpy()
    shared = min(start.shape[1], int(context_s * later.sample_rate))
    seam = min(shared, int(seam_s * later.sample_rate))
    rise = np.linspace(0, 1, seam, dtype=np.float32)
    mixed = start[:, start.shape[1] - seam :] * (1 - rise) + later.samples[:, shared - seam : shared] * rise
    parts = [start[:, : start.shape[1] - seam], mixed, later.samples[:, shared:]]
    return Waveform(np.concatenate(parts, axis=1), later.sample_rate)
