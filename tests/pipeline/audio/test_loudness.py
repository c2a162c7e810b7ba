"""The meters against ffmpeg's and against theory, and what the limiter does to a sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.audio.loudness import integrated_lufs, levelled, peak_dbtp
from pipeline.audio.mp3 import wav
from pipeline.audio.true_peak import BLOCK, block_peaks, limited
from pipeline.values import Waveform
from tests.pipeline.audio.sounds import RATE, ffmpeg_meter, sound


def faded_sine(hertz: float, *, rate: int = 44_100, phase: float = 0.0) -> Waveform:
    t = np.arange(2 * rate) / rate
    envelope = np.minimum(1, np.minimum(t, t[::-1]) * 20)
    return Waveform((0.5 * envelope * np.sin(2 * np.pi * hertz * t + phase)).astype(np.float32)[None], rate)


@pytest.mark.parametrize("kind", ["square", "noise bursts", "kicks", "dying chord"])
def test_meters_agree_with_ffmpeg(kind: str) -> None:
    quieter = replace(sound(kind), samples=sound(kind).samples * np.float32(0.125))  # noise must not clip in the wav
    loudness, peak = ffmpeg_meter(wav(quieter))
    assert abs(integrated_lufs(quieter) - loudness) <= 0.1
    assert abs(peak_dbtp(quieter) - peak) <= 0.3


@pytest.mark.parametrize("hertz", [997.0, 11_025.0, 15_000.0, 20_000.0])
def test_true_peak_of_a_sine_is_its_amplitude(hertz: float) -> None:
    tone = faded_sine(hertz, phase=np.pi / 4)
    assert abs(peak_dbtp(tone) - -6.02) < 0.1


def test_true_peak_sees_between_the_samples() -> None:
    tone = faded_sine(11_025, phase=np.pi / 4)  # no sample lies within 3 dB of its crest
    assert 20 * np.log10(np.abs(tone.samples).max()) < -9
    assert peak_dbtp(tone) > -6.1


def test_peak_in_the_last_unfilled_block_counts() -> None:
    samples = np.zeros((2, 10 * BLOCK + 3), np.float32)
    samples[1, -1] = 0.5
    assert block_peaks(samples).argmax() == 10
    assert abs(block_peaks(samples).max() - 0.5) < 0.02


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", ["square", "quiet sine", "noise bursts", "kicks"])
def test_levelled_meets_both_limits(kind: str, channels: int) -> None:
    song, reached = levelled(sound(kind, channels=channels))
    assert abs(integrated_lufs(song) - -14) <= 0.5
    assert abs(reached - integrated_lufs(song)) <= 0.05
    assert peak_dbtp(song) <= -0.95


def test_without_conflict_there_is_gain_alone() -> None:
    raw = sound("quiet sine")
    song, _ = levelled(raw)
    gains = song.samples[raw.samples != 0] / raw.samples[raw.samples != 0]
    assert gains.max() - gains.min() < 1e-3 * gains.max()


def test_limiter_turns_down_before_the_peak_and_leaves_the_rest() -> None:
    t = np.arange(2 * RATE) / RATE
    samples = (0.1 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)[None]
    samples[0, RATE : RATE + 8] = 0.9
    quiet = limited(samples, block_peaks(samples), gain_db=0.0, ceiling_db=-6.0, rate=RATE)
    assert peak_dbtp(Waveform(quiet, RATE)) <= -5.95
    early = slice(0, RATE - RATE // 50)
    assert np.allclose(quiet[:, early], samples[:, early], rtol=1e-5)
    assert np.allclose(quiet[:, -RATE // 2 :], samples[:, -RATE // 2 :], rtol=1e-5)
    assert np.abs(quiet[0, RATE - 30 : RATE]).max() < np.abs(samples[0, RATE - 30 : RATE]).max()


def test_limiter_keeps_the_stereo_picture() -> None:
    song, _ = levelled(sound("kicks"))
    left, right = song.samples[:, np.abs(song.samples[0]) > 0.01]
    assert np.allclose(right / left, 0.8, atol=1e-4)
