"""A song's end: a sound that stops abruptly is faded out, a natural ending stays as it is. Called by finishing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.values import Waveform

_TAIL_S = 0.05
_ABRUPT_DB = -34.0  # level of the last 50 ms against the whole song: above it the cut is audible
_LONGEST_FADE_S = 3.0
_FADE_SHARE = 0.12  # of the song: 0.6 s of 5 s, 3 s from 25 s on
_EXTRA_S = 2.0  # how long a last chord may ring past the planned end
_EDGE_S = 0.003  # fades at both ends, against clicks


def ends_abruptly(sound: Waveform) -> bool:
    """Whether the last 50 ms are nearly as loud as the song."""
    tail = sound.samples[:, -max(1, round(_TAIL_S * sound.sample_rate)) :]
    whole = _rms(sound.samples)
    return whole > 0 and _rms(tail) > whole * 10 ** (_ABRUPT_DB / 20)


def ended(sound: Waveform, *, planned_s: float) -> Waveform:
    """Cut a song that is more than 2 s too long, fade an abrupt end, and smooth the first and last 3 ms."""
    samples = sound.samples[:, : round((planned_s + _EXTRA_S) * sound.sample_rate)].copy()
    if samples.shape[1] < sound.samples.shape[1]:
        samples = samples[:, : round(planned_s * sound.sample_rate)]
    edge = round(_EDGE_S * sound.sample_rate)
    samples[:, :edge] *= _rise(edge)
    fade = edge
    if ends_abruptly(replace(sound, samples=samples)):
        fade = round(min(_LONGEST_FADE_S, _FADE_SHARE * sound.duration_s) * sound.sample_rate)
    samples[:, -fade:] *= _rise(fade)[::-1]
    return replace(sound, samples=samples)


def before_ending(sound: Waveform) -> Waveform:
    """Cut off what `ended` may have faded, so that the song can be continued from there."""
    fade = round(min(_LONGEST_FADE_S, _FADE_SHARE * sound.duration_s) * sound.sample_rate)
    return replace(sound, samples=sound.samples[:, : sound.samples.shape[1] - fade])


def _rise(frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Rise from 0 to 1 as half a cosine."""
    return (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, frames))).astype(np.float32)


def _rms(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
