"""The messages between the mood reader and its process, through two pipes.

A request is a kind (one byte), a length (four) and the file's bytes; an answer is a length and JSON. The process
decodes untrusted files, so its answers are untrusted too: they are validated strictly, and each list only up to its
first error, because a report on every wrong number in 4 MB would take a gigabyte.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, FailFast, Field, TypeAdapter, ValidationError

from pipeline.errors import BadInput, EngineFailed, PipelineError
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores, FrameFaces
from pipeline.values import EMOTION_LABELS

REQUEST_HEAD = struct.Struct(">cI")
ANSWER_HEAD = struct.Struct(">I")
PHOTO, CLIP = b"p", b"c"
MAX_ANSWER_BYTES = 4 << 20  # 121 frames with a hundred faces each take 3 MB

Answer = Faces | ClipFaces | PipelineError | None  # None: ready for the first request

_Scores = Annotated[tuple[float, ...], Field(min_length=7, max_length=7), FailFast()]  # in order of EMOTION_LABELS
_Face = tuple[float, float, float, float, _Scores]  # x, y, width and height of its box
_Faces = Annotated[tuple[_Face, ...], FailFast()]
_Frame = tuple[float, _Faces]  # time in seconds
_Fact = tuple[str, str | int | float]


@dataclass(frozen=True, slots=True)
class _Ready:
    kind: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class _PhotoRead:
    faces: _Faces
    kind: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True)
class _ClipRead:
    duration_s: float
    frames: Annotated[tuple[_Frame, ...], FailFast()]
    kind: Literal["clip"] = "clip"


@dataclass(frozen=True, slots=True)
class _Failed:
    kind: Literal["bad_input", "engine_failed"]
    code: str
    facts: Annotated[tuple[_Fact, ...], FailFast()]


_Message = _Ready | _PhotoRead | _ClipRead | _Failed
_MESSAGES: TypeAdapter[_Message] = TypeAdapter(
    Annotated[_Message, Discriminator("kind")], config=ConfigDict(strict=True, allow_inf_nan=False)
)


def pack_answer(answer: Answer) -> bytes:
    """Put an answer into the pipe's form."""
    data = _MESSAGES.dump_json(_to_message(answer))
    return ANSWER_HEAD.pack(len(data)) + data


def unpack_answer(data: bytes) -> Answer:
    """Read what `pack_answer` wrote, without its head; raise ValueError for anything else."""
    try:
        return _to_answer(_MESSAGES.validate_json(data))
    except (ValidationError, TypeError):  # TypeError: a fact that is called "code"
        raise ValueError("not an answer") from None  # pydantic's text may quote megabytes of it


def _to_message(answer: Answer) -> _Message:
    match answer:
        case None:
            return _Ready()
        case BadInput():
            return _Failed("bad_input", answer.code, tuple(answer.facts.items()))
        case PipelineError():
            return _Failed("engine_failed", answer.code, tuple(answer.facts.items()))
        case ClipFaces():
            return _ClipRead(answer.duration_s, tuple((frame.time_s, _rows(frame.faces)) for frame in answer.frames))
        case _:
            return _PhotoRead(_rows(answer))


def _to_answer(message: _Message) -> Answer:
    match message:
        case _Ready():
            return None
        case _Failed():
            error = BadInput if message.kind == "bad_input" else EngineFailed
            return error(message.code, **dict(message.facts))
        case _ClipRead():
            frames = tuple(FrameFaces(time_s, _faces(rows)) for time_s, rows in message.frames)
            return ClipFaces(message.duration_s, frames)
        case _PhotoRead():
            return _faces(message.faces)


def _rows(faces: Faces) -> tuple[_Face, ...]:
    return tuple(
        (face.x, face.y, face.width, face.height, tuple(face.scores[label] for label in EMOTION_LABELS))
        for face in faces
    )


def _faces(rows: tuple[_Face, ...]) -> Faces:
    return tuple(
        FaceScores(x, y, width, height, dict(zip(EMOTION_LABELS, scores, strict=True)))
        for x, y, width, height, scores in rows
    )
