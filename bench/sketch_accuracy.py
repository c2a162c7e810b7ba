"""How often listeners' ears would agree with the brief: tempo and key found in sketch songs by librosa.

`python -m bench.sketch_accuracy` prints JSON; `make bench` shows both rates. 70 briefs: 7 moods × 10 tastes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.measure import Row
from handlers.serialization import chosen_mood
from pipeline.backends.sketch.arrangement import arrange
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.backends.sketch.score import Key
from pipeline.brief.draft import template_brief
from pipeline.brief.rules import apply_rules
from pipeline.values import EMOTION_LABELS, Plan, RenderParams, Taste, Waveform

# Krumhansl and Kessler's probe-tone ratings.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


TASTES = (
    Taste(fav_genres=("lo-fi",), fav_instruments=("soft piano",), bpm_min=60, bpm_max=95),
    Taste(fav_genres=("jazz",), fav_instruments=("tenor saxophone",), bpm_min=80, bpm_max=180),
    Taste(fav_genres=("r&b",), fav_instruments=("warm Rhodes",), bpm_min=70, bpm_max=110),
    Taste(fav_genres=("rock",), fav_instruments=("electric guitar",), bpm_min=90, bpm_max=170),
    Taste(fav_genres=("house",), fav_instruments=("synth lead",), bpm_min=110, bpm_max=140),
    Taste(fav_genres=("cinematic",), fav_instruments=("low strings",), bpm_min=60, bpm_max=120),
    Taste(fav_genres=("folk",), fav_instruments=("acoustic guitar", "flute")),
    Taste(fav_genres=("bossa nova",), fav_instruments=("nylon guitar",), bpm_min=90, bpm_max=150),
    Taste(fav_genres=("funk",), fav_instruments=("slap bass", "clavinet"), bpm_min=90, bpm_max=125),
    Taste(),
)


def plans(*, duration_s: float = 30.0) -> Iterator[Plan]:
    """The 70 plans as the writing stages make them without a language model, each with another seed."""
    for row, mood in enumerate(EMOTION_LABELS):
        for column, taste in enumerate(TASTES):
            seed = 100 * row + column
            brief = template_brief(chosen_mood(mood), duration_s=duration_s, seed=seed)
            yield apply_rules(brief, taste, mood=mood, params=RenderParams(duration_s, seed=seed))


def find_tempo(song: Waveform) -> float:
    """Beats a minute by librosa's beat tracker."""
    import librosa

    mono = librosa.resample(song.samples.mean(axis=0), orig_sr=song.sample_rate, target_sr=22_050)
    tempo, _ = librosa.beat.beat_track(y=mono, sr=22_050)
    return float(np.atleast_1d(tempo)[0])


def find_key(song: Waveform) -> tuple[int, bool]:
    """(tonic, is minor) by Krumhansl and Schmuckler's correlation on librosa's constant-Q chroma."""
    import librosa

    mono = librosa.resample(song.samples.mean(axis=0), orig_sr=song.sample_rate, target_sr=22_050)
    chroma = librosa.feature.chroma_cqt(y=mono, sr=22_050).mean(axis=1)
    scores = {
        (tonic, minor): _correlation(chroma, np.roll(profile, tonic))
        for minor, profile in ((False, _MAJOR), (True, _MINOR))
        for tonic in range(12)
    }
    return max(scores, key=lambda key: scores[key])


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def tempo_fits(found: float, bpm: float) -> bool:
    """Whether `found` is the tempo, its double or its half within 4 %."""
    return any(abs(found / (bpm * octave) - 1) <= 0.04 for octave in (0.5, 1.0, 2.0))


def key_fits(found: tuple[int, bool], key: Key) -> bool:
    """Whether `found` is the key or its relative; church modes count as the scale they are spelled with."""
    tonic, minor = found
    found_scale = {(tonic + step) % 12 for step in ((0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11))}
    same_tonic = tonic == key.tonic and minor == key.minor
    return same_tonic or found_scale == {(key.tonic + step) % 12 for step in key.scale}


def measure(*, duration_s: float = 30.0, limit: int | None = None) -> dict[str, object]:
    """Compose the plans and measure tempo_rate, key_rate, the processor seconds a song takes, the misses."""
    composer = SketchComposer()
    tempo_hits = key_hits = 0
    seconds: list[float] = []
    misses: list[str] = []
    for plan in list(plans(duration_s=duration_s))[:limit]:
        began = time.thread_time()
        song = composer.compose(plan, on_progress=lambda _: None, cancelled=lambda: False)
        seconds.append(time.thread_time() - began)
        tempo, found, key = find_tempo(song), find_key(song), arrange(plan).key
        tempo_ok, key_ok = tempo_fits(tempo, plan.brief.bpm), key_fits(found, key)
        tempo_hits, key_hits = tempo_hits + tempo_ok, key_hits + key_ok
        if not (tempo_ok and key_ok):
            wanted = f"{plan.brief.bpm} bpm {_NAMES[key.tonic]} {key.mode}"
            heard = f"{tempo:.0f} bpm {_NAMES[found[0]]} {'minor' if found[1] else 'major'}"
            misses.append(f"{plan.brief.style}: {wanted}, heard {heard}")
    return {
        "songs": len(seconds),
        "tempo_rate": round(tempo_hits / len(seconds), 3),
        "key_rate": round(key_hits / len(seconds), 3),
        "median_compose_cpu_s": round(float(np.median(seconds)), 3),
        "slowest_compose_cpu_s": round(max(seconds), 3),
        "misses": misses,
    }


def accuracy_rows() -> list[Row]:
    """Measure all 70 plans for `make bench`."""
    found = measure()
    return [
        Row("tempo found by a beat tracker, 70 songs", float(str(found["tempo_rate"])) * 100, "%", 90, at_least=True),
        Row("key or its relative found, 70 songs", float(str(found["key_rate"])) * 100, "%", 80, at_least=True),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=30.0)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    json.dump(measure(duration_s=options.duration, limit=options.limit), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
