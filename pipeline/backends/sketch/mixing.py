"""Brings the stems together: gain, pan, sidechain, reverb, tone, width, noise, and a ceiling that never clips.

All arrays are float32, stereo as [2, frames]. Long songs are filtered block by block (overlap-add).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.backends.sketch.rendering import SAMPLE_RATE
from pipeline.backends.sketch.score import Ambience, Score, Sound, Track
from pipeline.errors import Cancelled

Sound32 = NDArray[np.float32]
_FFT = 2**18  # 6 s
_IR_S = 1.3  # reverb tail
_BLOCK = _FFT - int(_IR_S * SAMPLE_RATE) - 2048
_CEILING = 0.89  # −1 dBFS
_LOUD_RMS = 0.16  # of the loudest second, before the ceiling: −16 dBFS
_FADE_S = 0.35
_DUCK_S, _DUCK_DEPTH = 0.22, 0.6
_NOISE_LEVEL: dict[Ambience, float] = {"": 0.0, "vinyl": 0.0022, "tape": 0.0016, "wind": 0.004}


class Mixer:
    """Adds stems to a dry bus and a reverb send; `finish` makes the song of them."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._frames = round(score.duration_s * SAMPLE_RATE)
        self._dry = np.zeros((2, self._frames), np.float32)
        self._send = np.zeros(self._frames, np.float32)
        self._dips = duck_curve(score.kicks_s, self._frames) if any(t.ducked for t in score.tracks) else None

    def add(self, track: Track, stem: Sound32) -> None:
        """Put one stem into the mix."""
        angle = (track.pan + 1) * np.pi / 4
        for side, gain in enumerate((np.cos(angle), np.sin(angle))):
            part = stem[side] * np.float32(gain * 1.414 * track.gain)
            if track.ducked and self._dips is not None:
                part *= self._dips
            self._dry[side] += part
            self._send += part * np.float32(track.reverb * 0.5)

    def finish(self, *, cancelled: Callable[[], bool]) -> Sound32:
        """Filter, level and fade the mix: [2, frames], peak ≤ 0.89. Raises Cancelled."""
        sound = self._score.sound
        wet = self._filtered(sound, cancelled)
        middle, side = (wet[0] + wet[1]) * 0.5, (wet[0] - wet[1]) * np.float32(0.5 * sound.width)
        wet[0], wet[1] = middle + side, middle - side
        _check(cancelled)
        wet *= np.float32(_LOUD_RMS / max(_loudest_rms(wet), 1e-5))
        wet += ambience(sound.ambience, self._frames, self._score.seed)
        _check(cancelled)
        _saturate(wet, sound.drive)
        _fade(wet)
        return wet

    def _filtered(self, sound: Sound, cancelled: Callable[[], bool]) -> Sound32:
        tone = _tone(sound.tilt_db)
        tails = np.fft.rfft(reverb_tail(sound.reverb), _FFT, axis=1) * tone
        out = np.zeros((2, self._frames + _FFT), np.float32)
        for start in range(0, self._frames, _BLOCK):
            send = np.fft.rfft(self._send[start : start + _BLOCK], _FFT)
            for side in range(2):
                _check(cancelled)
                block = np.fft.rfft(self._dry[side, start : start + _BLOCK], _FFT) * tone + send * tails[side]
                out[side, start : start + _FFT] += np.fft.irfft(block, _FFT)
        return out[:, : self._frames]


def _check(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _tone(tilt_db: float) -> NDArray[np.complex64]:
    """A causal tone control: a first-order low cut at 28 Hz and a treble shelf at 3 kHz."""
    s = 1j * np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    low_cut = s / (s + 28.0)
    shelf = (1 + 10 ** (tilt_db / 20) * s / 3000.0) / (1 + s / 3000.0)
    return np.asarray(low_cut * shelf, np.complex64)


def reverb_tail(level: float) -> Sound32:
    """A small hall as two uncorrelated decaying noises [2, samples]; the same one for every song."""
    count = int(_IR_S * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    noise = np.random.default_rng(1).standard_normal((2, count))
    onset = np.clip((time - 0.012) / 0.02, 0, 1)  # 12 ms pre-delay
    tail = noise * onset * np.exp(-time * 6.9 / _IR_S)
    # Air swallows treble: a running mean of three samples is −6 dB at 12 kHz.
    smooth = (tail[:, 2:] + tail[:, 1:-1] + tail[:, :-2]) / 3
    return np.asarray(smooth * (level * 1.1 / np.sqrt(np.sum(smooth[0] ** 2))), np.float32)


def duck_curve(kicks_s: tuple[float, ...], frames: int) -> Sound32:
    """The sidechain's gain: falls at each kick and comes back within 0.22 s."""
    curve = np.ones(frames, np.float32)
    count = int(_DUCK_S * SAMPLE_RATE)
    dip = (1 - _DUCK_DEPTH * np.cos(np.linspace(0, np.pi / 2, count)) ** 2).astype(np.float32)
    for kick in kicks_s:
        start = int(kick * SAMPLE_RATE)
        room = min(count, frames - start)
        if room > 0:
            np.minimum(curve[start : start + room], dip[:room], out=curve[start : start + room])
    return curve


def ambience(kind: Ambience, frames: int, seed: int) -> Sound32:
    """A quiet bed of vinyl, tape hiss or wind: [2, frames]."""
    if not kind:
        return np.zeros((2, 1), np.float32)
    rng = np.random.default_rng([seed & 0xFFFF_FFFF, 7])
    # Eight seconds repeat unnoticed in noise and cost a quarter of thirty.
    loop = rng.standard_normal((2, 8 * SAMPLE_RATE), np.float32)
    if kind != "tape":  # darker: running mean of four samples
        loop = (loop + np.roll(loop, 1, 1) + np.roll(loop, 2, 1) + np.roll(loop, 3, 1)) / 2
    bed = np.tile(loop, (1, -(-frames // loop.shape[1])))[:, :frames] * np.float32(_NOISE_LEVEL[kind])
    if kind == "vinyl":
        clicks = rng.integers(0, frames, size=frames // (SAMPLE_RATE // 6))
        bed[rng.integers(0, 2, size=clicks.size), clicks] += rng.normal(0, 0.03, clicks.size).astype(np.float32)
    if kind == "wind":
        swell = 0.6 + 0.4 * np.sin(np.arange(frames) * (2 * np.pi * 0.11 / SAMPLE_RATE))
        bed *= swell.astype(np.float32)
    return np.asarray(bed, np.float32)


def _loudest_rms(sound: Sound32) -> float:
    """The level of the loudest second, so that quiet sections keep their distance to it."""
    size = min(SAMPLE_RATE, sound.shape[1])
    cut = sound.shape[1] // size * size
    power = np.mean(sound[:, :cut].reshape(2, -1, size) ** 2, axis=(0, 2))
    return float(np.sqrt(power.max()))


def _saturate(sound: Sound32, drive: float) -> None:
    """Round off peaks: linear below the knee, then bent smoothly under the ceiling. In place."""
    knee = 0.62 - 0.3 * drive
    room = _CEILING - knee
    size = np.abs(sound)
    over = size > knee
    bent = knee + room * np.tanh((size[over] - knee) / room)
    sound[over] = np.copysign(bent, sound[over])


def _fade(sound: Sound32) -> None:
    """Silence the start's first 2 ms and the last 0.35 s, where the last chord has mostly rung out. In place."""
    ease = int(0.002 * SAMPLE_RATE)
    sound[:, :ease] *= np.linspace(0, 1, ease, dtype=np.float32)
    count = min(int(_FADE_S * SAMPLE_RATE), sound.shape[1])
    sound[:, -count:] *= (np.cos(np.linspace(0, np.pi, count)) * 0.5 + 0.5).astype(np.float32)
