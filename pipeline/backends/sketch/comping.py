"""Chord players: comping and strumming patterns, pads and arpeggios."""

from __future__ import annotations

import random

from pipeline.backends.sketch.bass import Stretch
from pipeline.backends.sketch.feel import Hit

# A bar in sixteenths. l long chord, c short chord, d/u strum down/up, b lowest tone, t upper tones,
# p power chord, 1–4 single tones of the voicing from below.
PATTERNS: dict[str, tuple[str, ...]] = {
    "pad": ("l...............",),
    "lazy": ("l.........c.....", "l......c..l.....", "l.....c.......t."),
    "push": ("l.....c...l...c.", "l.....l.......c.", "c...l.....l...t."),
    "stabs": ("..c...c...c..c..", "..c...c...c...c.", "c.c...c.c.c...c."),
    "drive": ("p.p.p.p.p.p.p.p.", "p...p.p.p...p.p."),
    "chug": ("p.pp..pp.pp.p.pp", "p.ppp.ppp.ppp.pp", "p..pp..pp..pp.p."),
    "skank": ("....c.......c...", "..c...c...c...c."),
    "bossa": ("b..c..c...b.c...", "b...c..c..b..c.."),
    "waltz": ("b...c...c...", "b...t...t..."),
    "funk": ("c.u.c..u..c.c.u.", "..c..cu...c..cu."),
    "shuffle": ("c.....c.c.....c.", "c...c.....c.c..."),
    "jazz": ("l.....c.........", "......c.....c...", "..c.......l....."),
    "ostinato": ("1.2.3.2.1.2.3.2.", "1.1.2.1.1.1.3.1."),
    "alberti": ("1.3.2.3.1.3.2.3.", "1.2.3.4.3.2.3.2."),
    "strum": ("d...d.u...u.d.u.", "d...d.u.d.u.d.u.", "d.....u...u.d.u."),
    "ballad": ("1.2.3.4.t...3.2.", "l...3...t...3...", "l.......t......."),
    "sparse": ("l...............",),
    "echo": ("....t.....t.....", "......t.......t."),
}
_LENGTHS = {"l": 4.0, "c": 0.3, "d": 0.9, "u": 0.45, "b": 1.2, "t": 0.7, "p": 0.4}
_VELOCITIES = {"l": 80, "c": 84, "d": 88, "u": 70, "b": 82, "t": 72, "p": 96}


def comp_hits(stretch: Stretch, voicing: tuple[int, ...], *, pattern: str, variant: int) -> list[Hit]:
    """Play one chord in the pattern; long tones where the music is sparse."""
    bars = PATTERNS[pattern if stretch.energy >= 0.35 or pattern in ("waltz", "alberti", "strum") else "sparse"]
    bar = bars[variant % len(bars)]
    marks = [(step, bar[step % len(bar)]) for step in range(int(stretch.beats * 4)) if bar[step % len(bar)] != "."]
    hits: list[Hit] = []
    for index, (step, mark) in enumerate(marks):
        following = marks[index + 1][0] if index + 1 < len(marks) else stretch.beats * 4
        length = min(
            _LENGTHS.get(mark, 0.9),
            (following - step) / 4 if mark in "ldb" else 9.0,
            stretch.beats - step / 4,
        )
        hits += _strike(mark, voicing, stretch, stretch.start + step / 4, max(length, 0.1))
    return hits


def _strike(mark: str, voicing: tuple[int, ...], stretch: Stretch, beat: float, beats: float) -> list[Hit]:
    velocity = _VELOCITIES.get(mark, 78) + (6 if beat == int(beat) else 0)
    if mark.isdigit():
        return [Hit(beat, beats, voicing[(int(mark) - 1) % len(voicing)], velocity)]
    if mark == "p":
        low = 40 + (stretch.chord.root - 40) % 12
        return [Hit(beat, beats, pitch, velocity) for pitch in (low, low + (stretch.chord.fifth - low) % 12, low + 12)]
    if mark == "b":
        return [Hit(beat, beats, voicing[0], velocity)]
    pitches = voicing[1:] if mark in "tu" else voicing
    ordered = tuple(reversed(pitches)) if mark == "u" else pitches
    spread = 0.014 if mark in "du" else 0.006
    return [Hit(beat, beats, pitch, velocity - 2 * index, index * spread) for index, pitch in enumerate(ordered)]


def pad_hits(stretch: Stretch, voicing: tuple[int, ...], *, octave: int = 0) -> list[Hit]:
    """Hold the chord."""
    return [Hit(stretch.start, stretch.beats * 1.02, pitch + 12 * octave, 70) for pitch in voicing]


def arp_hits(stretch: Stretch, voicing: tuple[int, ...], *, shape: str, fast: bool) -> list[Hit]:
    """Break the chord in fours or eights: up, down, updown or skip; eighths, or sixteenths when `fast`.

    Groups of three would sound like another tempo.
    """
    low, middle, high = voicing[0], voicing[1], voicing[2]
    top = voicing[3] if len(voicing) > 3 else low + 12
    order = {
        "up": (low, middle, high, top),
        "down": (top, high, middle, low),
        "updown": (low, middle, high, top, low + 12, top, high, middle),
        "skip": (low, high, middle, top, high, low + 12, top, high),
    }[shape]
    step = 0.25 if fast else 0.5
    return [
        Hit(
            stretch.start + index * step,
            step * 1.4,
            order[index % len(order)] + 12,
            76 if index % 4 == 0 else 66,
        )
        for index in range(int(stretch.beats / step))
    ]


def choose_shape(rng: random.Random) -> str:
    return rng.choice(("up", "updown", "skip", "down"))


def drone_hits(stretch: Stretch) -> list[Hit]:
    """A slow fifth on the tonic under everything: consonant with every chord of the key."""
    tonic = 48 + (stretch.key.tonic - 48) % 12
    return [Hit(stretch.start, stretch.beats * 1.05, pitch, 62) for pitch in (tonic, tonic + 7)]
