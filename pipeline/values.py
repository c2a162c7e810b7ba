"""The values that stages hand to one another; frozen; whoever makes one has checked it.

Times are seconds from the start of the clip or song, probabilities lie in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EmotionLabel = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
EMOTION_LABELS: tuple[EmotionLabel, ...] = get_args(EmotionLabel)  # DeepFace's order

SURE_FROM = 0.5  # top probability; keeps 77 % of FER2013's test faces at 74 % accuracy
MIN_DURATION_S, MAX_DURATION_S = 5.0, 120.0
# What a person may set for sampling. A codebook has 2048 entries; above a temperature of 2 songs are noise.
SAMPLING_RANGES: dict[str, tuple[float, float]] = {
    "top_k": (0, 2048),
    "top_p": (0.0, 1.0),
    "temperature": (0.1, 2.0),
    "cfg_coef": (0.0, 20.0),
}
Decoder = Literal["default", "mbd"]
DECODERS: tuple[Decoder, ...] = get_args(Decoder)


@dataclass(frozen=True, slots=True)
class Face:
    """One face, its box as fractions of the upright picture's width and height."""

    x: float
    y: float
    width: float
    height: float
    label: EmotionLabel
    confidence: float


@dataclass(frozen=True, slots=True)
class MoodSegment:
    """A stretch of a video with one mood."""

    start_s: float
    end_s: float
    label: EmotionLabel
    confidence: float


@dataclass(frozen=True, slots=True)
class Mood:
    """What agent 1 read in the sender's face."""

    label: EmotionLabel
    confidence: float
    scores: Mapping[EmotionLabel, float]  # all seven, summing to 1
    faces: int = 1  # how many were found; the largest is the sender's
    others: tuple[Face, ...] = ()
    segments: tuple[MoodSegment, ...] = ()  # video only

    @property
    def sure(self) -> bool:
        """Whether the best label is likely enough to be taken without asking."""
        return self.confidence >= SURE_FROM

    @property
    def best_two(self) -> tuple[EmotionLabel, EmotionLabel]:
        """The two likeliest labels, best first."""
        first, second, *_ = sorted(self.scores, key=lambda label: -self.scores[label])
        return first, second


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the arrangement, in the words of the prompt ("main groove with chord stabs")."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A structured description of the music to make, in English music terms."""

    style: str  # "melancholic lofi piano"
    mood: str  # adjectives: "warm, wistful"
    bpm: int
    key: str | None  # "A minor"; None leaves it open
    instruments: tuple[str, ...]
    sections: tuple[Section, ...]  # contiguous from 0 to the duration
    mix: tuple[str, ...]
    avoid: tuple[str, ...]
    description: str = ""  # one sentence: the Overall line of the prompt


Vote = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class PastVote:
    """A vote the listener gave to one of their songs, newest first in a Taste."""

    genre: str
    mood: EmotionLabel
    vote: Vote


@dataclass(frozen=True, slots=True)
class PastSong:
    """What an earlier song of the listener was like, newest first in a Taste."""

    style: str
    bpm: int
    key: str | None
    mood: EmotionLabel
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taste:
    """Everything known about a listener that may shape a song; its texts are data, never orders."""

    fav_genres: tuple[str, ...] = ()
    fav_instruments: tuple[str, ...] = ()
    bpm_min: int | None = None
    bpm_max: int | None = None
    negative_prompts: tuple[str, ...] = ()
    votes: tuple[PastVote, ...] = ()
    songs: tuple[PastSong, ...] = ()
    age: int | None = None
    gender: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class RenderParams:
    """Everything but the words that decides how a song sounds; stored, so that it can be made again."""

    duration_s: float = 30.0
    seed: int = 0
    top_k: int = 250
    top_p: float = 0.0  # > 0 switches top_k off
    temperature: float = 1.0
    cfg_coef: float = 3.0  # guidance scale
    model: str = "auto"  # an engine's name; "auto" leaves the choice to the worker
    decoder: str = "default"
    melody: str | None = None  # md5 of the file that it follows
    extends: int | None = None  # the song that it goes on from


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the song has this genre, for the line under it; `handlers.texts` puts it into words.

    kind is one of: mood, favourite, liked, explore.
    """

    kind: Literal["mood", "favourite", "liked", "explore"]
    genre: str = ""
    liked: int = 0  # for "liked": `liked` of `rated` votes on that genre were up
    rated: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The finished recipe: what agent 2 renders."""

    brief: Brief
    prompt: str
    params: RenderParams
    mood: EmotionLabel
    genre: str  # what votes are counted under: the listener's word or one of pipeline.catalog.genres
    reason: Reason = field(default_factory=lambda: Reason("mood"))


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Decoded sound: float32 samples in [-1, 1], shape [channels, frames]."""

    samples: NDArray[np.float32]
    sample_rate: int

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        return float(self.samples.shape[1]) / self.sample_rate
