"""Brings the stems together: level, pan, sidechain, reverb, tone, width, noise and a ceiling.

All arrays are float32, stereo as [2, frames]. Long songs are filtered block by block (overlap-add).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
_LOUD_RMS = 0.24  # of all but the loudest 5 %, before the ceiling: −12 dBFS
_ATTACK_FRAMES = 88  # 2 ms
_PUNCH = 1.7  # how far drum peaks are pressed: saves about 4 dB of headroom
_DUCK_S, _DUCK_DEPTH = 0.22, 0.6
_NOISE_LEVEL: dict[Ambience, float] = {"": 0.0, "vinyl": 0.0022, "tape": 0.0016, "wind": 0.004}


class Mixer:
    """Adds stems to a dry bus and a reverb send; `finish` makes the song of them.

    Works in blocks of at most 6 s and asks `cancelled` between them; everything here may raise Cancelled.
    """

    def __init__(self, score: Score, *, cancelled: Callable[[], bool]) -> None:
        self._score = score
        self._cancelled = cancelled
        self._frames = round(score.duration_s * SAMPLE_RATE)
        self._dry = np.zeros((2, self._frames), np.float32)
        self._send = np.zeros(self._frames, np.float32)
        self._dips = duck_curve(score.kicks_s, self._frames) if any(t.ducked for t in score.tracks) else None

    def add(self, track: Track, stem: Sound32) -> None:
        """Put one stem into the mix."""
        press = _PUNCH / max(self._peak(stem), 1e-5) if track.is_drums else 0.0
        gain = 10 ** (track.level_db / 20) / self._loudness(stem, press)
        angle = (track.pan + 1) * np.pi / 4
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(gain * np.sqrt(2))
        for block in self._blocks():
            part = _pressed(stem[:, block], press) * sides
            if track.ducked and self._dips is not None:
                part *= self._dips[block]
            self._dry[:, block] += part
            self._send[block] += part.sum(axis=0) * np.float32(track.reverb * 0.5)

    def finish(self) -> Sound32:
        """Filter, level and fade the mix: [2, frames], peak ≤ 0.89."""
        sound = self._score.sound
        wet = self._filtered(sound)
        gain = np.float32(_LOUD_RMS / self._loudness(wet, 0.0, share=0.95))
        bed = ambience(sound.ambience, self._frames, self._score.seed)
        for block in self._blocks():
            middle, side = (
                wet[:, block].mean(axis=0),
                (wet[0, block] - wet[1, block]) * np.float32(0.5 * sound.width),
            )
            wet[0, block], wet[1, block] = (middle + side) * gain, (middle - side) * gain
            if bed is not None:
                wet[:, block] += bed[:, block]
            _saturate(wet[:, block], sound.drive)
        _fade(wet, self._score.last_s)
        return wet

    def _filtered(self, sound: Sound) -> Sound32:
        tone = _tone(sound.tilt_db)
        tails = np.fft.rfft(reverb_tail(sound.reverb), _FFT, axis=1) * tone
        out = np.zeros((2, self._frames + _FFT), np.float32)
        for block in self._blocks():
            send = np.fft.rfft(self._send[block], _FFT)
            for side in range(2):
                mixed = np.fft.rfft(self._dry[side, block], _FFT) * tone + send * tails[side]
                out[side, block.start : block.start + _FFT] += np.fft.irfft(mixed, _FFT)
        return out[:, : self._frames]

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, self._frames, _BLOCK):
            if self._cancelled():
                raise Cancelled
            yield slice(start, min(start + _BLOCK, self._frames))

    def _peak(self, stem: Sound32) -> float:
        return max(float(np.abs(stem[:, block]).max()) for block in self._blocks())

    def _loudness(self, stem: Sound32, press: float, *, share: float = 0.85) -> float:
        """The level below which the given share of the sounding tenths of a second stay."""
        powers = np.concatenate([_powers(_pressed(stem[:, block], press)) for block in self._blocks()])
        sounding = np.sort(powers[powers > 1e-4 * powers.max()])
        return float(np.sqrt(sounding[int(share * (sounding.size - 1))])) if sounding.size else 1.0


def _pressed(stem: Sound32, press: float) -> Sound32:
    """Drums' peaks rounded off; other stems (press 0) as they are."""
    return np.tanh(stem * np.float32(press)) if press else stem


def _powers(sound: Sound32) -> NDArray[np.float64]:
    size = min(SAMPLE_RATE // 10, sound.shape[1])
    cut = sound.shape[1] // size * size
    squares = sound[:, :cut].reshape(2, -1, size) ** 2
    return np.asarray(squares.mean(axis=(0, 2)), np.float64)


def _tone(tilt_db: float) -> NDArray[np.complex64]:
    """A causal tone control: a first-order low cut at 35 Hz and a treble shelf at 3 kHz."""
    s = 1j * np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    low_cut = s / (s + 35.0)
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


def ambience(kind: Ambience, frames: int, seed: int) -> Sound32 | None:
    """A quiet bed of vinyl, tape hiss or wind: [2, frames]."""
    if not kind:
        return None
    rng = np.random.default_rng([seed & 0xFFFF_FFFF, 7])
    # Eight seconds repeat unnoticed in noise and cost a quarter of thirty.
    loop = rng.standard_normal((2, 8 * SAMPLE_RATE), np.float32)
    if kind != "tape":  # darker: running mean of four samples
        loop = loop + np.roll(loop, 1, 1) + np.roll(loop, 2, 1) + np.roll(loop, 3, 1)
        loop *= np.float32(0.5)
    bed = np.tile(loop, (1, -(-frames // loop.shape[1])))[:, :frames] * np.float32(_NOISE_LEVEL[kind])
    if kind == "vinyl":
        clicks = rng.integers(0, frames, size=frames // (SAMPLE_RATE // 6))
        bed[rng.integers(0, 2, size=clicks.size), clicks] += rng.normal(0, 0.03, clicks.size).astype(np.float32)
    if kind == "wind":
        swell = 0.6 + 0.4 * np.sin(np.arange(frames) * (2 * np.pi * 0.11 / SAMPLE_RATE))
        bed *= swell.astype(np.float32)
    return np.asarray(bed, np.float32)


def _saturate(sound: Sound32, drive: float) -> None:
    """Round off peaks: linear below the knee, then bent smoothly under the ceiling. In place."""
    knee = 0.62 - 0.3 * drive
    room = _CEILING - knee
    size = np.abs(sound)
    over = size > knee
    bent = knee + room * np.tanh((size[over] - knee) / room)
    sound[over] = np.copysign(bent, sound[over])


def _fade(sound: Sound32, last_s: float) -> None:
    """Ease in over 2 ms; let the last chord die away from a third of its length on. In place."""
    sound[:, :_ATTACK_FRAMES] *= np.linspace(0, 1, _ATTACK_FRAMES, dtype=np.float32)
    frames = sound.shape[1]
    ring = frames - int(last_s * SAMPLE_RATE)
    count = max(int(0.67 * ring), SAMPLE_RATE // 4)
    falling = np.cos(np.linspace(0, np.pi / 2, count)) ** 1.6
    sound[:, frames - count :] *= falling.astype(np.float32)
