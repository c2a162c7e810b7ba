"""Encoding, decoding and fitting into upload limits, with the real ffmpeg."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from pipeline.audio import mp3
from pipeline.audio.recipe_tag import write_recipe
from pipeline.errors import BadInput, EngineFailed
from pipeline.values import Reason
from tests.pipeline.audio.recipe import recipe_in
from tests.pipeline.audio.sounds import RATE, plan, sound


def test_wav_round_trip_is_exact_to_16_bits() -> None:
    raw = sound("kicks", channels=1)
    heard = mp3.decode(mp3.wav(raw))
    assert (heard.sample_rate, heard.samples.shape) == (RATE, raw.samples.shape)
    assert np.abs(heard.samples - raw.samples.clip(-1, 1)).max() < 2 / 32767


def test_mp3_round_trip_resembles_the_sound_in_place() -> None:
    raw = sound("dying chord")
    raw = replace(raw, samples=raw.samples * np.float32(0.25))
    heard = mp3.decode(mp3.encode(raw)).samples[:, : raw.samples.shape[1]]
    assert np.corrcoef(heard[0], raw.samples[0])[0, 1] > 0.99


def test_decoded_peaks_above_full_scale_survive() -> None:
    loud = mp3.decode(mp3.encode(sound("square")))
    assert np.abs(loud.samples).max() > 1


def test_mp3_names_no_encoder_and_no_date() -> None:
    encoded = mp3.encode(sound("kicks"))
    assert encoded[:3] != b"ID3"
    assert not re.search(rb"Lav[cf]\d|LAME3|20\d\d-", encoded)
    assert encoded == mp3.encode(sound("kicks"))


@pytest.mark.parametrize("junk", [b"", b"not a sound", b"\xff\xfb" * 50, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"])
def test_what_is_no_sound_is_refused(junk: bytes) -> None:
    with pytest.raises(BadInput) as failure:
        mp3.decode(junk)
    assert failure.value.code == "unreadable_audio"


def test_first_frame_counts_the_frames() -> None:
    encoded = mp3.encode(sound("kicks"))  # 6 s
    info = encoded.index(b"Info")
    frames = int.from_bytes(encoded[info + 8 : info + 12], "big")
    assert frames == pytest.approx(6 * RATE / 1152, abs=2)


def test_encoder_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = psutil.Process().children()
    with pytest.raises(EngineFailed) as failure:
        mp3.encode(sound("noise bursts", seconds=20), timeout_s=0.02)
    assert (failure.value.code, failure.value.facts) == ("encoder_slow", {"timeout_s": 0.02})
    assert psutil.Process().children() == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("killed", ["ffmpeg", "the worker"])
def test_kill_in_the_middle_leaves_no_file_and_no_process(killed: str, tmp_path: Path) -> None:
    code = (
        "from pipeline.audio import mp3; from tests.pipeline.audio.sounds import sound\n"
        "noise = sound('noise bursts', seconds=100)\n"
        "mp3.encode(sound('kicks'))\n"  # imageio-ffmpeg tries the binary before its first use
        "print('ready', flush=True)\n"
        "mp3.encode(noise)\n"
    )
    command, environment = [sys.executable, "-c", code], {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        while not (encoders := psutil.Process(worker.pid).children()):
            assert worker.poll() is None
        encoder = encoders[0]
        (encoder if killed == "ffmpeg" else worker).kill()
        assert worker.wait(timeout=30) != 0
    _, alive = psutil.wait_procs([encoder], timeout=30)
    assert not alive
    assert not list(tmp_path.iterdir())


def test_decoder_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(EngineFailed) as failure:
        mp3.decode(mp3.wav(sound("square")), timeout_s=0.001)
    assert failure.value.code == "encoder_slow"


@pytest.mark.parametrize(("binary", "code"), [("/bin/false", "encoder_failed"), ("/no/ffmpeg", "encoder_missing")])
def test_broken_encoder_has_a_code(binary: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", binary)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for work in (lambda: mp3.encode(sound("kicks")), lambda: mp3.decode(mp3.wav(sound("kicks")))):
        with pytest.raises((EngineFailed, BadInput)) as failure:
            work()
        assert failure.value.code in {code, "unreadable_audio"}
    assert not list(tmp_path.iterdir())


def test_importing_leaves_pydub_and_warnings_alone() -> None:
    code = (
        "import warnings, numpy; before = list(warnings.filters)\n"
        "import pipeline.audio.mp3 as home, pydub\n"
        "assert warnings.filters == before, 'filters'\n"
        "home.encode(home.Waveform(numpy.zeros((1, 32000), 'f4'), 32000))\n"
        "assert 'imageio' not in str(pydub.AudioSegment.converter), 'converter'\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_small_enough_mp3_comes_back_untouched() -> None:
    song = write_recipe(mp3.encode(sound("kicks")), plan(), title="t", artist="a", engine="sketch")
    assert mp3.reencode(song, max_bytes=len(song)) is song


@pytest.mark.parametrize(("max_bytes", "kbps"), [(130_000, 160), (60_000, 64), (30_000, 32)])
def test_too_large_mp3_gets_the_highest_bitrate_that_fits(max_bytes: int, kbps: int) -> None:
    song = write_recipe(mp3.encode(sound("kicks")), plan(), title="t", artist="a", engine="sketch")
    smaller = mp3.reencode(song, max_bytes=max_bytes)
    assert len(smaller) <= max_bytes
    assert abs(len(smaller) * 8 / 6000 - kbps) < 0.15 * kbps + 4
    assert abs(mp3.decode(smaller).duration_s - 6) < 0.1
    assert recipe_in(smaller) == replace(plan(), reason=Reason("mood"))


def test_wav_becomes_mp3_within_the_limit() -> None:
    raw = sound("kicks")
    smaller = mp3.reencode(mp3.wav(raw), max_bytes=10_000_000)
    assert abs(len(smaller) * 8 / 6000 - 320) < 10


def test_limit_that_nothing_fits_says_so() -> None:
    with pytest.raises(BadInput) as failure:
        mp3.reencode(mp3.encode(sound("kicks")), max_bytes=20_000)
    assert (failure.value.code, failure.value.facts) == ("song_too_large", {"max_kb": 19})
