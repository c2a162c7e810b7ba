"""When a song is faded, when it is cut, and when its ending is its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.audio.ending import ended, ends_abruptly
from tests.pipeline.audio.sounds import RATE, sound


def level_db(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9))


@pytest.mark.parametrize(
    ("kind", "abrupt"), [("square", True), ("quiet sine", True), ("dying chord", False), ("silence", False)]
)
def test_abruptness_goes_by_the_last_moment(kind: str, abrupt: bool) -> None:
    assert ends_abruptly(sound(kind)) is abrupt


def test_natural_ending_is_left_alone() -> None:
    raw = sound("dying chord")
    edge = RATE // 200
    assert np.array_equal(ended(raw, planned_s=6).samples[:, edge:-edge], raw.samples[:, edge:-edge])


@pytest.mark.parametrize(("seconds", "fade_s"), [(5.0, 0.6), (30.0, 3.0)])
def test_cut_sound_fades_over_its_last_eighth_at_most_three_seconds(seconds: float, fade_s: float) -> None:
    raw = sound("square", seconds=seconds)
    song = ended(raw, planned_s=seconds)
    before = round((seconds - fade_s) * RATE) - 10
    gain = np.abs(song.samples[0])
    assert song.duration_s == raw.duration_s
    assert np.array_equal(song.samples[:, 200:before], raw.samples[:, 200:before])
    assert gain[before + 2000 :: 500].tolist() == sorted(gain[before + 2000 :: 500], reverse=True)
    assert level_db(song.samples[:, -RATE // 20 :]) < -35


def test_last_chord_may_ring_two_seconds_past_the_plan() -> None:
    raw = sound("dying chord", seconds=7.5)
    assert ended(raw, planned_s=6).duration_s == 7.5


def test_what_runs_on_is_cut_at_the_plan_and_faded() -> None:
    song = ended(sound("square", seconds=9), planned_s=6)
    assert song.duration_s == 6
    assert level_db(song.samples[:, -RATE // 20 :]) < -35


def test_edges_start_and_stop_at_zero_and_the_sound_given_is_kept() -> None:
    raw = sound("square")
    before = raw.samples.copy()
    song = ended(replace(raw), planned_s=6)
    assert not song.samples[:, [0, -1]].any()
    assert np.array_equal(raw.samples, before)
