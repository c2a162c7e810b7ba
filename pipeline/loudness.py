"""How loud a song is and how it is brought to the loudness that players expect. Called by `pipeline.finishing`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyloudnorm

from pipeline.true_peak import block_peaks, limited, true_peak_db
from pipeline.values import Waveform

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET_LUFS = -14.0  # what the streaming services play at
CEILING_DBTP = -1.0
SILENT_LUFS = -60.0  # below it there is only noise to turn up
_CLOSE_LU = 0.1
_NEAR_LU = 0.5
_ROUNDS = 4
_MOST_DRIVE_DB = 15.0  # into the limiter; beyond it a sparse click track turns to mush and gets no louder
# 3 dB come back within 50 ms: no pumping. Where that leaves a song too quiet, the second lets its body through
# between the peaks at the price of some grit.
_RELEASES_DB_PER_S = (60.0, 240.0)


def integrated_lufs(sound: Waveform) -> float:
    """Measure gated loudness after ITU-R BS.1770-4; -inf for silence. The sound lasts at least 0.4 s."""
    return round(float(pyloudnorm.Meter(sound.sample_rate).integrated_loudness(sound.samples.T)), 3)


def peak_dbtp(sound: Waveform) -> float:
    """Measure the true peak, dBTP."""
    return true_peak_db(sound.samples)


def levelled(sound: Waveform, *, lufs: float = TARGET_LUFS, ceiling_db: float = CEILING_DBTP) -> tuple[Waveform, float]:
    """Bring a sound to the loudness without passing the ceiling; also say the LUFS that it reached.

    Where both conflict a look-ahead limiter makes room. Where even that does not do (single clicks in silence), the
    ceiling wins and the song stays quieter. The sound must not be silent.
    """
    peaks = block_peaks(sound.samples)
    for release in _RELEASES_DB_PER_S:
        loud, reached = _driven(sound, peaks, lufs=lufs, ceiling_db=ceiling_db, release_db_per_s=release)
        if abs(lufs - reached) <= _NEAR_LU:
            break
    return loud, reached


def _driven(
    sound: Waveform, peaks: NDArray[np.float64], *, lufs: float, ceiling_db: float, release_db_per_s: float
) -> tuple[Waveform, float]:
    """Push into the limiter until the loudness is met, or no push helps; say the LUFS reached."""
    gain = lufs - integrated_lufs(sound)
    most = gain + _MOST_DRIVE_DB
    for _ in range(_ROUNDS):
        samples = limited(
            sound.samples,
            peaks,
            gain_db=gain,
            ceiling_db=ceiling_db,
            rate=sound.sample_rate,
            release_db_per_s=release_db_per_s,
        )
        loud = replace(sound, samples=samples)
        reached = integrated_lufs(loud)
        missing = lufs - reached
        if abs(missing) <= _CLOSE_LU or gain >= most:
            break
        gain = min(gain + missing * (1.6 if missing > 0 else 1.0), most)  # the limiter eats part of every push
    return loud, reached


def without_offset(sound: Waveform) -> Waveform:
    """Take the constant part (DC) out of every channel."""
    mean = sound.samples.mean(axis=1, dtype=np.float64, keepdims=True)
    return replace(sound, samples=sound.samples - mean.astype(np.float32))
