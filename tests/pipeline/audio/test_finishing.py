"""The finished song as its listener gets it: decoded by ffmpeg, measured by ffmpeg."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mutagen.mp3 import MP3

from pipeline.audio import mp3
from pipeline.audio.finishing import FinishedSong, finish
from pipeline.errors import EngineFailed
from pipeline.values import Reason, Waveform
from tests.pipeline.audio.recipe import recipe_in
from tests.pipeline.audio.sounds import RATE, ffmpeg_meter, plan, sound


def finished(raw: Waveform) -> FinishedSong:
    return finish(
        raw,
        plan(seconds=raw.duration_s),
        title="雨 Rain 🌧",
        artist="Selfietune",
        engine="sketch",
    )


@pytest.fixture(scope="module")
def kicks() -> FinishedSong:
    return finished(sound("kicks"))


@pytest.mark.parametrize(
    ("kind", "seconds", "rate", "channels"),
    [
        ("square", 6, RATE, 2),
        ("quiet sine", 5, 44_100, 2),
        ("noise bursts", 6, 44_100, 2),
        ("kicks", 6, RATE, 1),
        ("kicks", 5, 48_000, 2),
        ("dying chord", 30, RATE, 2),
        ("quiet sine", 120, RATE, 1),
        ("square", 5, 24_000, 1),
    ],
)
def test_listeners_get_the_agreed_loudness(kind: str, seconds: float, rate: int, channels: int) -> None:
    song = finished(sound(kind, seconds=seconds, rate=rate, channels=channels))
    loudness, peak = ffmpeg_meter(song.mp3)
    assert -15 <= loudness <= -13
    assert peak <= -1.0
    assert abs(loudness - song.loudness_lufs) <= 0.2
    assert abs(peak - song.true_peak_dbtp) <= 0.3
    assert abs(song.duration_s - seconds) < 0.01
    assert song.channels == channels


def test_single_clicks_keep_the_peak_rather_than_the_loudness() -> None:
    loudness, peak = ffmpeg_meter(finished(sound("clicks")).mp3)
    assert peak <= -1.0
    assert loudness < -15


def test_file_is_mp3_at_192_kbit_with_a_duration(kicks: FinishedSong) -> None:
    info: Any = MP3(io.BytesIO(kicks.mp3)).info
    assert (info.bitrate, info.sample_rate, info.channels) == (192_000, RATE, 2)
    assert abs(info.length - 6) < 0.1


def test_rates_that_mp3_lacks_are_resampled_in_tune() -> None:
    t = np.arange(24_000 * 5) / 24_000
    song = finished(Waveform((0.3 * np.sin(2 * np.pi * 500 * t)).astype(np.float32)[None], 24_000))
    heard = mp3.decode(song.mp3)
    spectrum = np.abs(np.fft.rfft(heard.samples[0, :44_100]))
    assert heard.sample_rate == song.sample_rate == 44_100
    assert abs(int(spectrum.argmax()) - 500) <= 1


def test_same_sound_same_bytes(kicks: FinishedSong) -> None:
    assert finished(sound("kicks")) == kicks
    assert kicks.md5 == hashlib.md5(kicks.mp3).hexdigest()


def test_audio_md5_tells_the_sound_from_its_tags(kicks: FinishedSong) -> None:
    raw = sound("kicks")
    renamed = finish(raw, plan(), title="Other", artist="Else", engine="sketch")
    louder_end = replace(raw, samples=raw.samples * np.linspace(1, 1.01, raw.samples.shape[1], dtype=np.float32))
    assert renamed.md5 != kicks.md5
    assert renamed.audio_md5 == kicks.audio_md5 == mp3.audio_md5(kicks.mp3)
    assert finished(louder_end).audio_md5 != kicks.audio_md5


def test_the_file_holds_its_recipe(kicks: FinishedSong) -> None:
    assert recipe_in(kicks.mp3) == replace(plan(), reason=Reason("mood"))


def test_constant_offset_goes() -> None:
    raw = sound("quiet sine")
    song = finished(replace(raw, samples=raw.samples + np.array([[0.2], [-0.1]], np.float32)))
    heard = mp3.decode(song.mp3).samples
    assert np.abs(heard.mean(axis=1)).max() < 1e-3
    assert -15 <= song.loudness_lufs <= -13


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_fail(bad: float) -> None:
    raw = sound("kicks")
    raw.samples[1, 1000] = bad
    with pytest.raises(EngineFailed) as failure:
        finished(raw)
    assert failure.value.code == "silent_song"


@pytest.mark.parametrize(("scale", "offset"), [(0.0, 0.0), (0.0, 0.5), (2e-3, 0.0)])
def test_silence_fails(scale: float, offset: float) -> None:
    raw = sound("quiet sine")
    with pytest.raises(EngineFailed) as failure:
        finished(replace(raw, samples=raw.samples * np.float32(scale) + np.float32(offset)))
    assert failure.value.code == "silent_song"


def test_a_fraction_of_a_second_fails() -> None:
    with pytest.raises(EngineFailed) as failure:
        finish(sound("kicks", seconds=0.5), plan(), title="t", artist="a", engine="sketch")
    assert (failure.value.code, failure.value.facts) == ("short_song", {"seconds": 0.5})
