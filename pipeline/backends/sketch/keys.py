"""Keys: read from the brief's words, or chosen to fit the mood."""

from __future__ import annotations

import re

from pipeline.backends.sketch.score import Key, stream
from pipeline.values import EmotionLabel

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_NAMED = re.compile(
    r"^\s*([a-hA-H])\s*[- ]?(sharp|flat|#|♯|b(?![a-z])|♭)?\s*[- ]?"
    r"(harmonic |natural |melodic )?"
    r"(major|maj|minor|min|m|dorian|phrygian|lydian|mixolydian|locrian|ionian|aeolian|blues)?(?![a-z])",
    re.IGNORECASE,
)
_MODES = {"maj": "major", "ionian": "major", "min": "minor", "aeolian": "minor", "blues": "minor"}
# Each mood's modes, likelier ones named more often.
_MOOD_MODES: dict[EmotionLabel, tuple[str, ...]] = {
    "happy": ("major", "major", "major", "mixolydian"),
    "surprise": ("major", "lydian", "major"),
    "neutral": ("major", "dorian", "minor"),
    "sad": ("minor", "minor", "dorian"),
    "angry": ("minor", "minor", "phrygian"),
    "fear": ("minor", "minor", "phrygian"),
    "disgust": ("minor", "phrygian", "minor"),
}


def read_key(words: str | None) -> Key | None:
    """Read "F# dorian", "C♯ minor", "Bbm" or "H minor" (German B); None where no key is named."""
    found = _NAMED.match(words or "")
    if found is None:
        return None
    letter, accidental, _, mode = found.groups()
    shift = {"sharp": 1, "#": 1, "♯": 1, "flat": -1, "b": -1, "♭": -1}.get((accidental or "").lower(), 0)
    name = "minor" if mode == "m" else "major" if mode in ("M", None) else mode.lower()
    name = _MODES.get(name, name)
    return Key((_NATURALS[letter.lower()] + shift) % 12, name, SCALES[name])


def choose_key(mood: EmotionLabel, seed: int, *, bans: frozenset[str]) -> Key:
    """Choose a tonic and a mode for the mood; bans may hold "major" or "minor"."""
    rng = stream(seed, "key")
    mode = rng.choice(_MOOD_MODES[mood])
    if "major" in bans and 4 in SCALES[mode]:
        mode = "minor"
    if "minor" in bans and 3 in SCALES[mode]:
        mode = "major"
    # Few accidentals: where sampled instruments and ears are at home.
    tonic = rng.choice((0, 2, 4, 5, 7, 9, 10) if 4 in SCALES[mode] else (9, 2, 4, 0, 7, 11, 5))
    return Key(tonic, mode, SCALES[mode])


def scale_pitch(key: Key, step: int, *, floor: int = 60) -> int:
    """The MIDI pitch `step` scale steps above the lowest tonic at or above `floor`."""
    octave, degree = divmod(step, len(key.scale))
    base = floor + (key.tonic - floor) % 12
    return base + 12 * octave + key.scale[degree]


def pitch_step(key: Key, pitch: int, *, floor: int = 60) -> int:
    """The scale step whose pitch lies nearest to `pitch` (see scale_pitch)."""
    base = floor + (key.tonic - floor) % 12
    octave, rest = divmod(pitch - base, 12)
    nearest = min(range(len(key.scale)), key=lambda degree: abs(key.scale[degree] - rest))
    return octave * len(key.scale) + nearest
