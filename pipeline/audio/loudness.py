"""Measures how loud a song is and changes it to the loudness that players expect. Called by finishing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyloudnorm

from pipeline.audio.true_peak import block_peaks, limited, true_peak_db
from pipeline.values import Waveform

TARGET_LUFS = -14.0  # what the streaming services play at
CEILING_DBTP = -1.0
SILENT_LUFS = -60.0  # below it there is only noise
_CLOSE_LU = 0.25
_ROUNDS = 3  # with each release
_MOST_DRIVE_DB = 15.0  # of gain before the limiter; with more, sparse clicks are distorted and get no louder
# At 60 dB/s the gain recovers 3 dB in 50 ms, which is not heard as pumping. Where a song stays too quiet with it, the
# faster ones give more gain between peaks, at the price of some distortion.
_RELEASES_DB_PER_S = (60.0, 240.0, 1000.0)


def integrated_lufs(sound: Waveform) -> float:
    """Measure gated loudness after ITU-R BS.1770-4; -inf for silence. The sound lasts at least 0.4 s."""
    return round(float(pyloudnorm.Meter(sound.sample_rate).integrated_loudness(sound.samples.T)), 3)


def peak_dbtp(sound: Waveform) -> float:
    """Measure the true peak, dBTP."""
    return round(true_peak_db(block_peaks(sound.samples)), 3)


def levelled(
    sound: Waveform,
    *,
    lufs: float = TARGET_LUFS,
    ceiling_db: float = CEILING_DBTP,
    own_lufs: float | None = None,
) -> tuple[Waveform, float]:
    """Change a sound to the loudness without exceeding the ceiling; also return the LUFS that it has then.

    Where both conflict, a look-ahead limiter lowers the peaks. Where that is not enough (single clicks in silence), the
    ceiling is kept and the song stays quieter.
    own_lufs is the sound's loudness if known, not silence.
    """
    peaks = block_peaks(sound.samples)
    gain = plain = lufs - (integrated_lufs(sound) if own_lufs is None else own_lufs)
    if true_peak_db(peaks) + plain <= ceiling_db:
        return replace(sound, samples=sound.samples * np.float32(10 ** (plain / 20))), lufs
    tried, before, yielded = gain, lufs, 0.7  # the limiter takes part of each added dB: what is left is the yield
    for round_ in range(len(_RELEASES_DB_PER_S) * _ROUNDS):
        release = _RELEASES_DB_PER_S[round_ // _ROUNDS]
        samples = limited(
            sound.samples,
            peaks,
            gain_db=gain,
            ceiling_db=ceiling_db,
            rate=sound.sample_rate,
            release_db_per_s=release,
        )
        loud = replace(sound, samples=samples)
        reached = integrated_lufs(loud)
        if abs(lufs - reached) <= _CLOSE_LU:
            break
        if gain != tried:
            yielded = min(max((reached - before) / (gain - tried), 0.3), 1.0)
        tried, before = gain, reached
        gain = min(gain + (lufs - reached) / yielded, plain + _MOST_DRIVE_DB)
    return loud, reached


def without_offset(sound: Waveform) -> Waveform:
    """Remove the DC offset of every channel."""
    mean = sound.samples.mean(axis=1, dtype=np.float64, keepdims=True)
    return replace(sound, samples=sound.samples - mean.astype(np.float32))
