"""Bass lines by style: each line plays one chord's stretch of beats."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.backends.sketch.feel import Hit
from pipeline.backends.sketch.harmony import Chord
from pipeline.backends.sketch.score import Key

_LOW, _HIGH = 31, 42  # G1 to F#2: below it small speakers are silent, above it is no bass


@dataclass(frozen=True, slots=True)
class Stretch:
    """One chord's time: from `start` for `beats` beats; `target` is the next chord's root pitch class."""

    start: float
    beats: float
    chord: Chord
    target: int
    key: Key
    energy: float
    rng: random.Random

    @property
    def root(self) -> int:
        return low_pitch(self.chord.root)

    @property
    def fifth(self) -> int:
        up = self.root + (self.chord.fifth - self.chord.root) % 12
        return up if up <= _HIGH + 5 else up - 12

    def steps(self, pattern: str, pitches: dict[str, int], *, length: float, velocity: int = 96) -> list[Hit]:
        """Play a pattern of sixteenths that repeats each bar; its letters choose the pitch."""
        hits = []
        for step in range(int(self.beats * 4)):
            mark = pattern[step % len(pattern)]
            if mark in pitches:
                accent = 8 if step % 4 == 0 else 0
                hits.append(Hit(self.start + step / 4, length, pitches[mark], velocity + accent))
        return hits

    @property
    def palette(self) -> dict[str, int]:
        return {"r": self.root, "f": self.fifth, "o": self.root + 12, "a": self.approach}

    @property
    def approach(self) -> int:
        """A scale tone next to the coming root."""
        goal = low_pitch(self.target)
        scale = [(self.key.tonic + step) % 12 for step in self.key.scale]
        return next((goal + step for step in (-1, -2, 2, 1) if (goal + step) % 12 in scale), goal)


def low_pitch(pitch_class: int) -> int:
    """The pitch class in the bass register."""
    return _LOW + (pitch_class - _LOW) % 12


Line = Callable[[Stretch], list[Hit]]


def _sparse(stretch: Stretch) -> list[Hit]:
    return [Hit(stretch.start, stretch.beats * 0.95, stretch.root, 88)]


def _roots(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r.........r.....", stretch.palette, length=1.6, velocity=90)


def _eighths(stretch: Stretch) -> list[Hit]:
    pattern = "r.r.r.r.r.r.r.r." if stretch.rng.random() < 0.7 else "r.r.r.r.r.r.r.a."
    return stretch.steps(pattern, stretch.palette, length=0.42, velocity=92)


def _octaves(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r..or.o.r..or.oo", stretch.palette, length=0.3, velocity=92)


def _offbeat(stretch: Stretch) -> list[Hit]:
    pattern = "r.r...r...r...r." if stretch.energy < 0.8 else "r.rr..rr..rr..ro"
    return stretch.steps(pattern, stretch.palette, length=0.3, velocity=92)


def _syncopated(stretch: Stretch) -> list[Hit]:
    pattern = stretch.rng.choice(("r..r..r.f.....a.", "r.....r.r..f..a.", "r..r....f..r.o.."))
    return stretch.steps(pattern, stretch.palette, length=0.55, velocity=92)


def _sub(stretch: Stretch) -> list[Hit]:
    pattern = stretch.rng.choice(("r.........r.....", "r......r..r.....", "r............o.."))
    return stretch.steps(pattern, stretch.palette, length=1.3, velocity=100)


def _walking(stretch: Stretch) -> list[Hit]:
    tones = [low_pitch(tone) for tone in stretch.chord.tones[:4]]
    hits, previous = [], stretch.root
    for beat in range(int(stretch.beats)):
        if beat == 0:
            pitch = stretch.root
        elif beat == int(stretch.beats) - 1:
            pitch = stretch.approach
        else:
            pitch = min((tone for tone in tones if tone != previous), key=lambda tone: abs(tone - previous - 3))
        hits.append(Hit(stretch.start + beat, 0.92, pitch, 94 if beat % 2 else 88))
        previous = pitch
    return hits


def _bossa(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r.....f.f.....r.", stretch.palette, length=0.8, velocity=86)


def _reggae(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r.....r.f...r...", stretch.palette, length=0.7, velocity=100)


def _rootfive(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r.......f.......", stretch.palette, length=1.7, velocity=88)


def _waltz(stretch: Stretch) -> list[Hit]:
    return [Hit(stretch.start, min(1.2, stretch.beats), stretch.root, 88)]


def _pulse(stretch: Stretch) -> list[Hit]:
    return stretch.steps(
        "r...r...r...r..." if stretch.energy < 0.6 else "r.r.r.r.r.r.r.r.", stretch.palette, length=0.45
    )


def _classical(stretch: Stretch) -> list[Hit]:
    return stretch.steps("r.......r.......", stretch.palette, length=1.9, velocity=80)


LINES: dict[str, Line] = {
    "roots": _roots, "eighths": _eighths, "octaves": _octaves, "offbeat": _offbeat, "syncopated": _syncopated,
    "sub": _sub, "walking": _walking, "bossa": _bossa, "reggae": _reggae, "rootfive": _rootfive,
    "waltz": _waltz,
    "pulse": _pulse, "classical": _classical, "drone": _sparse,
}  # fmt: skip


def bass_hits(stretch: Stretch, *, line: str) -> list[Hit]:
    """Play one chord; long roots where the music is sparse, the style's line elsewhere."""
    thin = stretch.energy < 0.35 and line not in ("pulse", "waltz", "walking")
    hits = (_sparse if thin else LINES[line])(stretch)
    end = stretch.start + stretch.beats
    return [Hit(hit.beat, min(hit.beats, end - hit.beat), hit.pitch, hit.velocity) for hit in hits]
