"""What the mood reader and its process say to each other through two pipes.

A request is a kind (one byte), a length (four) and the file's bytes; an answer is a length and JSON. The
process handles strangers' files, so its answers are checked like a stranger's.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any

from pipeline.errors import BadInput, EngineFailed, PipelineError
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores, FrameFaces
from pipeline.values import EMOTION_LABELS

REQUEST_HEAD = struct.Struct(">cI")
ANSWER_HEAD = struct.Struct(">I")
PHOTO, CLIP = b"p", b"c"
MAX_ANSWER_BYTES = 4 << 20  # 121 frames with a hundred faces each take 2 MB

Answer = Faces | ClipFaces | PipelineError | None  # None: ready for the first request


def pack_answer(answer: Answer) -> bytes:
    """Put an answer into the pipe's form."""
    match answer:
        case None:
            body: Any = {"ready": True}
        case PipelineError():
            kind = "bad_input" if isinstance(answer, BadInput) else "failed"
            body = {kind: answer.code, "facts": answer.facts}
        case ClipFaces():
            frames = [[frame.time_s, _face_rows(frame.faces)] for frame in answer.frames]
            body = {"duration_s": answer.duration_s, "frames": frames}
        case _:
            body = {"faces": _face_rows(answer)}
    data = json.dumps(body).encode()
    return ANSWER_HEAD.pack(len(data)) + data


def unpack_answer(data: bytes) -> Answer:
    """Read what `pack_answer` wrote; anything else raises ValueError, LookupError or TypeError."""
    body = json.loads(data)
    if "ready" in body:
        return None
    if "bad_input" in body:
        return BadInput(str(body["bad_input"]), **_facts(body["facts"]))
    if "failed" in body:
        return EngineFailed(str(body["failed"]), **_facts(body["facts"]))
    if "frames" in body:
        frames = tuple(FrameFaces(_number(time_s), _faces(rows)) for time_s, rows in body["frames"])
        return ClipFaces(_number(body["duration_s"]), frames)
    return _faces(body["faces"])


def _face_rows(faces: Faces) -> list[list[float]]:
    """Eleven numbers a face: the four of its box, then its scores in label order."""
    return [
        [face.x, face.y, face.width, face.height, *(face.scores[label] for label in EMOTION_LABELS)] for face in faces
    ]


def _faces(rows: Sequence[Sequence[object]]) -> Faces:
    return tuple(_face([_number(value) for value in row]) for row in rows)


def _face(row: Sequence[float]) -> FaceScores:
    x, y, width, height, *scores = row
    return FaceScores(x, y, width, height, dict(zip(EMOTION_LABELS, scores, strict=True)))


def _number(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")
    return float(value)


def _facts(facts: dict[str, Any]) -> dict[str, str | int | float]:
    return {str(name): value for name, value in facts.items() if isinstance(value, str | int | float)}
