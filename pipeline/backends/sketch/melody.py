"""The lead: motifs that return, move and answer each other, with chord tones on the strong beats."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pipeline.backends.sketch.bass import Stretch
from pipeline.backends.sketch.feel import Hit
from pipeline.backends.sketch.keys import pitch_step, scale_pitch
from pipeline.backends.sketch.score import Key
from pipeline.values import EmotionLabel

# One bar in eighths: a digit starts a note of that many eighths, a dot rests for one.
_CALM = ("4.3", "3.4", "332", "2.5", "4.22", "..24", "6..", "3.22.")
_LIVELY = ("11222", "2.1122", "112.112", "3122", "1.12121", "21.2111", "222.11", "12122")
_SYNCOPATED = (".12.121", "3.2.11", "1.3.21", "..1222.", "32.12", ".3.31", "12.32")
# Contours in scale steps from note to note, by mood.
_CONTOURS: dict[EmotionLabel, tuple[tuple[int, ...], ...]] = {
    "happy": ((1, 1, -1, 2, -1, 1), (2, -1, 2, -1, -1, 2), (0, 2, 1, -1, 1, -2)),
    "surprise": ((3, -2, 4, -1, -2, 3), (4, -1, -1, 3, -2, 1), (-2, 4, -1, 2, -3, 4)),
    "neutral": ((1, 1, -1, -1, 1, -1), (-1, 2, -1, -1, 2, -1), (2, -1, -1, 1, 1, -1)),
    "sad": ((-1, -1, 1, -1, -1, -1), (2, -1, -1, -1, 1, -1), (-1, 1, -1, -2, 1, -1)),
    "angry": ((0, 0, 1, -1, 0, 2), (0, 2, -2, 0, 1, -1), (0, -1, 0, 3, -1, -2)),
    "fear": ((1, -1, 1, -1, 0, 1), (0, 1, -1, 0, 1, 1), (1, 0, -1, 1, 0, -1)),
    "disgust": ((1, -1, 3, -3, 1, 0), (0, 1, 3, -1, -3, 0), (-1, 1, -1, 4, -4, 0)),
}


@dataclass(frozen=True, slots=True)
class Motif:
    """A bar's idea: when notes start and how long they last (beats), and the steps between them."""

    rhythm: tuple[tuple[float, float], ...]
    contour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tune:
    """The song's material: two motifs for the verse, one for the lift."""

    verse: Motif
    answer: Motif
    lift: Motif


def invent_tune(mood: EmotionLabel, rng: random.Random, *, density: float) -> Tune:
    """Make up the motifs; density in [0, 1] leads from held to busy rhythms."""
    calm, busy = (_CALM, _SYNCOPATED) if density < 0.5 else (_SYNCOPATED, _LIVELY)
    contours = _CONTOURS[mood]
    verse = Motif(_rhythm(rng.choice(calm if density < 0.6 else busy)), rng.choice(contours))
    answer = Motif(_rhythm(rng.choice(calm)), tuple(-step for step in verse.contour))
    return Tune(verse, answer, Motif(_rhythm(rng.choice(busy)), rng.choice(contours)))


def _rhythm(bar: str) -> tuple[tuple[float, float], ...]:
    notes, beat = [], 0.0
    for mark in bar:
        eighths = 1 if mark == "." else int(mark)
        if mark != ".":
            notes.append((beat, eighths / 2))
        beat += eighths / 2
    return tuple(notes)


def phrase_hits(
    stretches: list[Stretch], tune: Tune, rng: random.Random, *, lifted: bool, floor: int, pentatonic: bool
) -> list[Hit]:
    """Sing one phrase over consecutive stretches: statement, sequence, statement, answer with a held end."""
    hits: list[Hit] = []
    main = tune.lift if lifted else tune.verse
    anchor = _nearest_tone(stretches[0], floor + (10 if lifted else 5))
    shift = rng.choice((-1, 1, 2) if lifted else (-2, -1, 1))
    for index, stretch in enumerate(stretches):
        closing = index == len(stretches) - 1
        motif = tune.answer if closing and len(stretches) > 1 else main
        moved = scale_pitch(stretch.key, pitch_step(stretch.key, anchor) + (shift if index % 2 else 0))
        hits += _sing(motif, stretch, moved, closing=closing, pentatonic=pentatonic, bounds=(floor - 3, floor + 21))
    return hits


def _sing(
    motif: Motif, stretch: Stretch, start: int, *, closing: bool, pentatonic: bool, bounds: tuple[int, int]
) -> list[Hit]:
    hits: list[Hit] = []
    step = pitch_step(stretch.key, start)
    notes = [(beat, beats) for beat, beats in motif.rhythm if beat < stretch.beats]
    for index, (beat, beats) in enumerate(notes):
        last = index == len(notes) - 1
        strong = beat == int(beat) or beats >= 1.5 or last
        pitch = _fold(scale_pitch(stretch.key, step), bounds)
        pitch = _nearest_tone(stretch, pitch) if strong else _in_scale(stretch.key, pitch, pentatonic=pentatonic)
        length = min(max(beats, 1.5) if last and closing else beats * 0.92, stretch.beats - beat)
        hits.append(Hit(stretch.start + beat, length, pitch, 92 if strong else 80))
        step = pitch_step(stretch.key, pitch) + motif.contour[index % len(motif.contour)]
    return hits


def _fold(pitch: int, bounds: tuple[int, int]) -> int:
    low, high = bounds
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _nearest_tone(stretch: Stretch, pitch: int) -> int:
    """The triad tone of the chord that lies nearest."""
    triad = stretch.chord.tones[:3]
    return min(
        (near for near in range(pitch - 6, pitch + 7) if near % 12 in triad),
        key=lambda near: abs(near - pitch),
    )


def _in_scale(key: Key, pitch: int, *, pentatonic: bool) -> int:
    left_out = ({2, 8} if key.minor else {5, 11}) if pentatonic else set()
    scale = {(key.tonic + step) % 12 for step in key.scale if step not in left_out}
    return min(
        (near for near in range(pitch - 4, pitch + 5) if near % 12 in scale),
        key=lambda near: abs(near - pitch),
    )
