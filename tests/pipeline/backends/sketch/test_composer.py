"""The sketch engine behind its port: lengths, endings, repeatability, progress, cancelling."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.audio.composer import Composer
from pipeline.backends.sketch.arrangement import arrange
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.errors import BadInput, Cancelled, EngineFailed
from pipeline.values import Brief
from tests.pipeline.backends.sketch.plans import ANGRY, BALLAD, HAPPY, SAD, compose, plan_of


def level(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def fingerprint(plan_seed: int) -> str:
    return hashlib.md5(compose(plan_of(SAD, seed=plan_seed, duration_s=6)).samples.tobytes()).hexdigest()


def test_is_a_composer_with_an_honest_name() -> None:
    composer: Composer = SketchComposer(slots=3)
    assert (composer.name, composer.slots) == ("sketch", 3)


@pytest.mark.parametrize("duration_s", [5.0, 12.5, 30.0, 120.0])
def test_song_is_as_long_as_asked_and_never_clips(duration_s: float) -> None:
    song = compose(plan_of(SAD, duration_s=duration_s))
    assert song.duration_s == pytest.approx(duration_s, abs=0.05)
    assert song.samples.dtype == np.float32
    assert song.channels == 2
    assert np.abs(song.samples).max() <= 0.9


@pytest.mark.parametrize("brief", [SAD, ANGRY, BALLAD])
def test_last_chord_rings_out_before_the_end(brief: Brief) -> None:
    plan = plan_of(brief, duration_s=14)
    score, song = arrange(plan), compose(plan)
    rate = song.sample_rate
    struck = song.samples[:, int(score.last_s * rate) : int((score.last_s + 0.5) * rate)]
    assert score.last_s < 14 - 1.3
    assert level(struck) > 0.03
    assert level(song.samples[:, -rate // 20 :]) < 0.05 * level(struck)
    assert abs(float(song.samples[0, -1])) < 1e-3


def test_same_plan_gives_the_same_bytes_in_another_process() -> None:
    code = "from tests.pipeline.backends.sketch.test_composer import fingerprint; print(fingerprint(7))"
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    assert there.stdout.strip() == fingerprint(7)


def test_seeds_differ() -> None:
    assert fingerprint(1) != fingerprint(2)
    tunes = {
        tuple((round(note.start_s, 1), note.pitch) for track in arrange(plan_of(SAD, seed=seed)).tracks
              if track.role == "lead" for note in track.notes)
        for seed in range(6)
    }  # fmt: skip
    assert len(tunes) >= 5


def test_several_songs_at_once_do_not_disturb_each_other() -> None:
    plans = [plan_of(SAD, seed=seed, duration_s=6) for seed in range(3)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(compose, plans))
    for plan, song in zip(plans, together, strict=True):
        assert np.array_equal(song.samples, compose(plan).samples)


def test_progress_rises_from_zero_to_one() -> None:
    seen: list[float] = []
    SketchComposer().compose(plan_of(HAPPY), on_progress=seen.append, cancelled=lambda: False)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) > 4
    assert seen == sorted(seen)


@pytest.mark.parametrize("patience", [0, 1, 30, 200])
def test_cancel_is_heeded_at_once_wherever_it_comes(patience: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > patience

    with pytest.raises(Cancelled):
        SketchComposer().compose(plan_of(HAPPY), on_progress=lambda _: None, cancelled=cancelled)
    assert asked == patience + 1


@pytest.mark.parametrize("duration_s", [4.9, 120.1, float("nan"), float("inf"), -3.0])
def test_other_lengths_are_bad_input(duration_s: float) -> None:
    plan = replace(plan_of(SAD), params=replace(plan_of(SAD).params, duration_s=duration_s))
    with pytest.raises(BadInput) as caught:
        compose(plan)
    assert caught.value.code == "bad_duration"


def test_broken_soundfont_is_our_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF not a soundfont")
    with pytest.raises(EngineFailed) as caught:
        SketchComposer(soundfont=broken).compose(plan_of(SAD), on_progress=lambda _: None, cancelled=lambda: False)
    assert caught.value.code == "soundfont_broken"


def test_sections_differ_in_loudness() -> None:
    plan = plan_of(SAD, duration_s=30)
    song = compose(plan)
    intro, main, breakdown = (
        level(song.samples[:, int(part.start_s * 44_100) : int(part.end_s * 44_100)]) for part in arrange(plan).passages
    )
    assert main > 1.4 * intro
    assert main > 1.2 * breakdown


def test_there_is_no_silent_gap_inside_the_song() -> None:
    for brief in (SAD, ANGRY, HAPPY, BALLAD):
        plan = plan_of(brief, duration_s=10)
        song, last = compose(plan).samples, int(arrange(plan).last_s * 2) * 22_050
        halves = song[:, :last].reshape(2, -1, 22_050)
        assert np.sqrt(np.mean(halves**2, axis=(0, 2))).min() > 0.004
