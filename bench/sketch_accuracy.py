"""How often listeners' ears would agree with the brief: tempo and key found in sketch songs by librosa.

Run as a script it prints JSON; the benchmark table calls `measure`. 70 briefs: 7 moods × 10 tastes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.backends.sketch.arrangement import arrange
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.backends.sketch.score import Key
from pipeline.values import EMOTION_LABELS, Brief, EmotionLabel, Plan, RenderParams, Section, Waveform

# Krumhansl and Kessler's probe-tone ratings.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class MoodTable:
    """A mood's reference brief; cuts are fractions of the song."""

    words: str
    bpm: int
    mode: str | None  # None: the brief names no key
    cuts: tuple[float, float]
    sections: tuple[str, str, str]
    mix: tuple[str, ...]
    avoid: tuple[str, ...]


MOODS: dict[EmotionLabel, MoodTable] = {
    "sad": MoodTable("melancholic", 70, "minor", (8 / 30, 22 / 30),
                     ("sparse intro", "main theme with light bass", "soft breakdown"), ("warm", "wide"),
                     ("vocals", "heavy drums", "harsh leads")),
    "disgust": MoodTable("dark", 110, None, (0.2, 22 / 30), ("noisy intro", "driving groove", "tension rise"),
                         ("cold", "narrow mids", "saturated edges"), ("cheerful chords", "vocals")),
    "angry": MoodTable("aggressive", 150, None, (0.2, 22 / 30),
                       ("short intro", "main riff", "intensified chorus with double kicks"),
                       ("punchy", "tight"), ("vocals",)),
    "fear": MoodTable("suspenseful", 90, "minor", (1 / 3, 0.8),
                      ("tense build", "pulse with evolving drones", "riser and sting"), ("dark", "wide"),
                      ("melody vocals", "upbeat drums", "major chords")),
    "happy": MoodTable("cheerful upbeat", 124, "major", (0.2, 2 / 3),
                       ("catchy intro with a short riser", "main groove with stabs", "lift with layers"),
                       ("bright", "punchy", "wide stereo"), ("vocals", "dark drones")),
    "surprise": MoodTable("playful", 118, "major", (0.2, 0.6),
                          ("sudden intro", "syncopated main groove", "lift with a new texture"),
                          ("bright",), ("vocals",)),
    "neutral": MoodTable("laid-back", 92, "minor", (0.2, 2 / 3),
                         ("mellow intro", "main groove with counter-melodies", "lift with extra voicings"),
                         ("warm", "intimate"), ("vocals", "aggressive distortion")),
}  # fmt: skip
# (genre, instruments, lowest and highest tempo)
TASTES: tuple[tuple[str, tuple[str, ...], int, int], ...] = (
    ("lofi piano", ("soft piano", "warm pads", "subtle vinyl hiss", "gentle percussion"), 60, 95),
    ("jazz", ("upright bass", "piano", "tenor saxophone", "brushed drums"), 80, 180),
    (
        "R&B",
        ("warm Rhodes chords", "clean jazz guitar licks", "deep sub-bass", "laid-back swing drums"),
        70,
        110,
    ),
    ("heavy rock", ("distorted rhythm guitars", "tight bass", "punchy drums", "occasional leads"), 90, 170),
    ("EDM", ("bright synth lead", "plucky arps", "punchy kick", "snappy claps", "warm bass"), 110, 140),
    ("cinematic", ("low strings", "pulsing bass", "drones", "sparse hits", "airy textures"), 60, 120),
    ("acoustic folk", ("acoustic guitar strums", "flute", "upright bass", "shaker"), 70, 140),
    ("bossa nova", ("nylon guitar", "flute", "double bass", "soft percussion"), 90, 150),
    ("funk", ("clean funk guitar", "slap bass", "clavinet", "brass", "tight drums"), 90, 125),
    ("classical piano", ("piano", "strings", "violin"), 60, 150),
)


def plans(*, duration_s: float = 30.0) -> Iterator[Plan]:
    """The 70 plans, each in another key and with another seed."""
    for row, mood in enumerate(EMOTION_LABELS):
        for column, (genre, instruments, low, high) in enumerate(TASTES):
            table = MOODS[mood]
            tonic = _NAMES[(5 * row + 7 * column) % 12]
            first, second = (round(cut * duration_s, 1) for cut in table.cuts)
            times = ((0.0, first), (first, second), (second, duration_s))
            brief = Brief(
                style=f"{table.words} {genre}",
                mood=table.words,
                bpm=_within(table.bpm + (column * 3) % 7, low, high),
                key=f"{tonic} {table.mode}" if table.mode else None,
                instruments=instruments,
                sections=tuple(
                    Section(*span, text) for span, text in zip(times, table.sections, strict=True)
                ),
                mix=table.mix,
                avoid=table.avoid,
            )
            yield Plan(brief, "", RenderParams(duration_s, seed=100 * row + column), mood, genre)


def _within(bpm: int, low: int, high: int) -> int:
    """The tempo, its double or its half in the range, else the nearest bound."""
    inside = [near for near in (bpm, bpm * 2, bpm // 2) if low <= near <= high]
    return inside[0] if inside else min(max(bpm, low), high)


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
    found_scale = {
        (tonic + step) % 12 for step in ((0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11))
    }
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=30.0)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    json.dump(measure(duration_s=options.duration, limit=options.limit), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
