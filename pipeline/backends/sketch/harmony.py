"""Chords: progressions by mood, extensions by style, voice leading.

Roman numerals count from the major scale: the sixth chord of a minor key is "bVI".
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from pipeline.backends.sketch.score import Key
from pipeline.values import EmotionLabel


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes: the root and all tones above it, root first, extensions last."""

    root: int
    tones: tuple[int, ...]

    @property
    def fifth(self) -> int:
        return self.tones[2] if len(self.tones) > 2 else self.root


CENTER = 62  # MIDI note around which chords lie: D4

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_ROMAN = re.compile(r"(b|#)?([ivIV]+)(o|sus)?")

# Four bars each; the first list serves verses, the second lifts. Borrowed chords stand among them.
_MAJOR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bright": (
        ("I V vi IV", "I vi IV V", "I IV I V", "I iii IV V", "I IV vi V"),
        ("IV V I vi", "I V IV iv", "vi IV I V", "IV I V vi"),
    ),
    "smooth": (
        ("I vi ii V", "IV iii vi I", "ii V I vi", "I iii IV iv", "IV V iii vi"),
        ("ii V I I", "IV iv I vi", "IV V vi I", "ii iii IV V"),
    ),
    "open": (("I bVII IV I", "I II IV I", "I IV bVII IV"), ("bVI bVII I I", "IV bVII I V", "bIII IV I I")),
    "wistful": (
        ("I iii IV iv", "IV I ii vi", "I V ii IV", "vi IV I V"),
        ("IV V vi iii", "ii IV I V", "IV iv I I"),
    ),
}
_MINOR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "wistful": (
        ("i bVI bIII bVII", "i iv bVI V", "i bVII bVI bVII", "i v bVI iv"),
        ("bVI bVII i i", "iv bVII bIII bVI", "iv V i bVI", "bVI bIII bVII i"),
    ),
    "smooth": (
        ("i iv bVII bIII", "iv V i i", "bVI V i bIII", "i bIII iv V"),
        ("iv bVII bIII bVI", "bVI bVII v i", "iv V i bVII"),
    ),
    "driving": (
        ("i i bVI bVII", "i bIII bVII iv", "i bVII i bVI", "i i bIII iv"),
        ("bVI bVII i i", "i bVI iv V", "bVI bIII bVII i"),
    ),
    "tense": (
        ("i i bVI i", "i bII i bVI", "i i iv bII", "i bVI i V"),
        ("i bII bVI V", "iv bVI V V", "i bIII bII V"),
    ),
    "rising": (
        ("i bVII IV i", "i bIII bVII IV", "i v bVI bVII"),
        ("bVI bVII i i", "bIII bVII i IV", "iv bVI bVII i"),
    ),
}
_FAMILY_MAJOR: dict[EmotionLabel, str] = {
    "happy": "bright", "surprise": "open", "neutral": "smooth", "sad": "wistful",
    "angry": "open", "fear": "wistful", "disgust": "open",
}  # fmt: skip
_FAMILY_MINOR: dict[EmotionLabel, str] = {
    "happy": "rising", "surprise": "rising", "neutral": "smooth", "sad": "wistful",
    "angry": "driving", "fear": "tense", "disgust": "tense",
}  # fmt: skip


def chord_named(roman: str, key: Key, *, extensions: int = 0) -> Chord:
    """Build "bVI" or "iv" in the key; extensions 1 adds the seventh, 2 the ninth where the scale has it."""
    found = _ROMAN.fullmatch(roman)
    assert found is not None, roman
    sign, numeral, quality = found.groups()
    offset = (_DEGREES[numeral.lower()] + {"b": -1, "#": 1, None: 0}[sign]) % 12
    third = 5 if quality == "sus" else 3 if numeral.islower() else 4
    intervals = [0, third, 6 if quality == "o" else 7]
    if extensions >= 1:
        large_seventh = third == 4 and (offset + 11) % 12 in key.scale
        intervals.append(11 if large_seventh else 10)
    if extensions >= 2 and (offset + 2) % 12 in key.scale:
        intervals.append(14)
    root = (key.tonic + offset) % 12
    return Chord(root, tuple((root + interval) % 12 for interval in intervals))


@dataclass(frozen=True, slots=True)
class Progressions:
    """The song's two four-bar loops, its cadence chord and its last chord."""

    verse: tuple[Chord, ...]
    lift: tuple[Chord, ...]
    cadence: Chord
    last: Chord


def choose_progressions(
    key: Key, mood: EmotionLabel, rng: random.Random, *, extensions: int, cyclic: bool
) -> Progressions:
    """Pick loops that fit mood and mode; `cyclic` (jazz, soul) prefers the smooth families."""
    families = _MINOR if key.minor else _MAJOR
    family = (_FAMILY_MINOR if key.minor else _FAMILY_MAJOR)[mood]
    if cyclic and family in ("bright", "open", "wistful", "rising"):
        family = "smooth"
    verses, lifts = families[family]

    def build(names: str) -> tuple[Chord, ...]:
        return tuple(chord_named(name, key, extensions=extensions) for name in names.split())

    tonic = "i" if key.minor else "I"
    cadence = rng.choice(("V", "bVII") if key.minor else ("V", "V", "iv"))
    if 1 in key.scale:
        cadence = "bII"  # the phrygian step
    last_extensions = 2 if extensions == 2 else 0
    return Progressions(
        build(rng.choice(verses)),
        build(rng.choice(lifts)),
        chord_named(cadence, key, extensions=min(extensions, 1)),
        chord_named(tonic, key, extensions=last_extensions),
    )


def voice(chord: Chord, previous: tuple[int, ...], *, rootless: bool = False) -> tuple[int, ...]:
    """Place the chord in close position near CENTER, moving as little as possible from `previous`."""
    tones = chord.tones[1:] if rootless and len(chord.tones) > 3 else chord.tones[:4]
    candidates = [
        _stack(base, tones[inversion:] + tones[:inversion])
        for inversion in range(len(tones))
        for base in range(CENTER - 14, CENTER + 4)
        if base % 12 == tones[inversion]
    ]
    return min(candidates, key=lambda pitches: (_distance(pitches, previous), pitches))


def _stack(base: int, order: tuple[int, ...]) -> tuple[int, ...]:
    pitches = [base]
    for tone in order[1:]:
        pitches.append(pitches[-1] + ((tone - pitches[-1]) % 12 or 12))
    return tuple(pitches)


def _distance(pitches: tuple[int, ...], previous: tuple[int, ...]) -> float:
    off_center = abs(sum(pitches) / len(pitches) - CENTER)
    clash = 6.0 if pitches[1] - pitches[0] == 1 or pitches[-1] - pitches[-2] == 1 else 0.0
    if not previous:
        return off_center + clash
    moved = sum(min(abs(pitch - old) for old in previous) for pitch in pitches)
    return moved + 0.6 * off_center + clash
