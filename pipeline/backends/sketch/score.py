"""What the arranger hands to the renderer: notes in seconds on tracks with a General MIDI sound."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["drums", "bass", "chords", "pad", "arp", "lead", "texture"]
Ambience = Literal["", "vinyl", "tape", "wind"]


@dataclass(frozen=True, slots=True)
class Note:
    """One key press; drums name a General MIDI percussion key as pitch."""

    start_s: float
    end_s: float
    pitch: int  # 0–127
    velocity: int  # 1–127


@dataclass(frozen=True, slots=True)
class Track:
    """One player. level_db tells how loud loud moments are; pan −1 (left) to 1; reverb send in [0, 1]."""

    role: Role
    program: int  # 0–127; a drum kit for drums
    notes: tuple[Note, ...]
    level_db: float = -20.0  # dBFS, root mean square of 0.1 s
    pan: float = 0.0
    reverb: float = 0.2
    ducked: bool = False  # dips at every kick (sidechain)

    @property
    def is_drums(self) -> bool:
        return self.role == "drums"


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class, C = 0) and its scale in semitones above the tonic."""

    tonic: int
    mode: str
    scale: tuple[int, ...]

    @property
    def minor(self) -> bool:
        return 3 in self.scale and 4 not in self.scale


@dataclass(frozen=True, slots=True)
class Passage:
    """A section snapped to the bar grid. energy in [0, 1] decides density, layers and loudness."""

    start_s: float
    end_s: float
    energy: float
    rising: bool  # grows louder towards its end
    climax: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """How the mix is shaped. tilt_db is the treble's gain; width scales the sides; reverb the hall."""

    tilt_db: float = 0.0
    width: float = 1.0
    reverb: float = 1.0
    drive: float = 0.2
    ambience: Ambience = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A whole song, ready to be played."""

    duration_s: float
    last_s: float  # when the last chord is struck
    bpm: int
    key: Key
    passages: tuple[Passage, ...]
    tracks: tuple[Track, ...]
    kicks_s: tuple[float, ...] = ()
    sound: Sound = field(default_factory=Sound)
    seed: int = 0


def stream(seed: int, name: str) -> random.Random:
    """A random stream of its own for each musician: changing one part leaves the others as they were."""
    return random.Random(f"{seed}/{name}")  # noqa: S311  (music; strings seed alike in every process)
