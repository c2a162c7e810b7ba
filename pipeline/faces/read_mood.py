"""Agent 1: a photo or short video becomes a Mood. The draft job calls `read_mood` with a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.errors import BadInput
from pipeline.faces.smoothing import dominant, segments, smooth
from pipeline.file_kind import file_kind
from pipeline.values import EMOTION_LABELS, EmotionLabel, Face, Mood


@dataclass(frozen=True, slots=True)
class FaceScores:
    """A face as the reader sees it; box in fractions of the upright picture, all seven scores, sum 1."""

    x: float
    y: float
    width: float
    height: float
    scores: Mapping[EmotionLabel, float]


Faces = tuple[FaceScores, ...]


@dataclass(frozen=True, slots=True)
class FrameFaces:
    """The faces of one video frame, shown at `time_s`."""

    time_s: float
    faces: Faces


@dataclass(frozen=True, slots=True)
class ClipFaces:
    """The faces of a video: frames in order of time, half a second apart."""

    duration_s: float
    frames: tuple[FrameFaces, ...]


class EmotionReader(Protocol):
    """Finds faces and reads them. No face is an empty answer here; `read_mood` makes it an error.

    Both raise BadInput for files that cannot be used and EngineFailed for trouble of the reader's own.
    """

    async def photo_faces(self, data: bytes) -> Faces:
        """Read every face of a photo, in any order."""

    async def clip_faces(self, data: bytes) -> ClipFaces:
        """Read every face of a video's frames."""


async def read_mood(data: bytes, *, reader: EmotionReader) -> Mood:
    """Read the mood of the largest face in a photo or video, told apart by content.

    Raises BadInput "no_face", what `file_kind` says about the file, and whatever the reader raises.
    """
    if file_kind(data) == "photo":
        return photo_mood(await reader.photo_faces(data))
    return clip_mood(await reader.clip_faces(data))


def photo_mood(faces: Faces) -> Mood:
    """Take the largest face as the sender's, keep the others; raise BadInput("no_face") if there is none."""
    if not faces:
        raise BadInput("no_face")
    sender, *others = _largest_first(faces)
    label = _top(sender.scores)
    return Mood(
        label=label,
        confidence=sender.scores[label],
        scores=dict(sender.scores),
        faces=len(faces),
        others=tuple(_face(face) for face in others),
    )


def clip_mood(clip: ClipFaces) -> Mood:
    """Smooth the largest face's moods over time; frames without a face are passed over.

    The mood is the one that lasts longest in all, its scores the mean over the frames of its segments.
    Raises BadInput("no_face") if no frame has one.
    """
    seen = [frame for frame in clip.frames if frame.faces]
    if not seen:
        raise BadInput("no_face")
    scores = [_largest_first(frame.faces)[0].scores for frame in seen]
    path = smooth(scores)
    moods = segments(path, scores, times_s=[frame.time_s for frame in seen], duration_s=clip.duration_s)
    label = dominant(moods)
    mean = _mean([own for own, mood in zip(scores, path, strict=True) if mood == label])
    company = _usual_company(seen)
    return Mood(
        label=label,
        confidence=mean[label],
        scores=mean,
        faces=len(company),
        others=tuple(_face(face) for face in _largest_first(company)[1:]),
        segments=moods,
    )


def _usual_company(frames: Sequence[FrameFaces]) -> Faces:
    """Give the faces of the first frame with the usual number of faces: a single false detection does not count."""
    usual, _ = Counter(len(frame.faces) for frame in frames).most_common(1)[0]
    return next(frame.faces for frame in frames if len(frame.faces) == usual)


def _largest_first(faces: Faces) -> list[FaceScores]:
    return sorted(faces, key=lambda face: -face.width * face.height)


def _face(face: FaceScores) -> Face:
    label = _top(face.scores)
    return Face(face.x, face.y, face.width, face.height, label, face.scores[label])


def _top(scores: Mapping[EmotionLabel, float]) -> EmotionLabel:
    return max(EMOTION_LABELS, key=lambda label: scores[label])


def _mean(frames: Sequence[Mapping[EmotionLabel, float]]) -> dict[EmotionLabel, float]:
    return {label: sum(scores[label] for scores in frames) / len(frames) for label in EMOTION_LABELS}
