"""In which sizes and directions a picture is searched for faces with DeepFace. Runs in the mood reader's process.

Measured with OpenCV's detector on 54 compositions (one portrait, three backgrounds, 2 cores): at 640 px every
face from 6 % of the long side on is found in 0.16 s, at 960 px from 4 % in 0.32 s, at 1280 px from 4 % and
half of those of 3 % in 0.5 s. Faces in selfies are above 15 %: 640 px come first, 1280 px only if nobody was found.

YuNet shrinks every picture to 640 px. To turn faces upright DeepFace first puts a border around the picture that makes
it twice as large, so 320 px of the picture are left. YuNet's closer search does not turn faces and has all 640 px.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from deepface import DeepFace
from deepface.modules.exceptions import FaceNotDetected, ImgNotFound

from pipeline.faces.clip import Clip
from pipeline.faces.photo import Picture
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores, FrameFaces
from pipeline.values import EMOTION_LABELS

MIN_SEARCH_PX = 24  # OpenCV's smallest window; a strip thinner than that holds no face
TURNED_TRIES = 8  # video frames without a face that are also searched turned
# Once a face of a clip is found, later frames are shrunk until it is this wide: the model reads 48 px.
CLIP_FACE_PX = 72
MIN_CLIP_SIDE_PX = 240  # a frame's long side is shrunk no further


@dataclass(frozen=True, slots=True)
class Search:
    """One search: in a picture of at most this long side, turned counter-clockwise by so many quarters."""

    long_side: int
    quarter_turns: int = 0
    upright: bool = True  # DeepFace turns faces until their eyes are level


FIRST_SEARCH = Search(640)
CLOSER_SEARCHES = {"opencv": Search(1280), "yunet": Search(640, upright=False)}
# In a turned picture only faces with both eyes count: spokes and shadows have been taken for faces.
TURNED_SEARCHES = (Search(640, 1), Search(640, 3), Search(640, 2))


def warm(detector: str) -> None:
    """Load both models and run each once, so that the first photo does not wait for it."""
    blank = np.zeros((64, 64, 3), dtype=np.uint8)
    for backend in (detector, "skip"):  # the detector finds nobody; "skip" treats the picture as a face
        DeepFace.analyze(blank, ("emotion",), detector_backend=backend, enforce_detection=False, silent=True)


def photo_faces(picture: Picture, *, detector: str) -> Faces:
    """Search until a face is found, at last closer and turned; boxes refer to the picture as given."""
    for search in _photo_searches(max(picture.shape[:2]), detector):
        if faces := _faces(picture, search, detector=detector):
            return faces
    return ()


def _photo_searches(long_side: int, detector: str) -> list[Search]:
    closer = CLOSER_SEARCHES[detector]
    gains = long_side > FIRST_SEARCH.long_side or not closer.upright
    return [FIRST_SEARCH, *([closer] if gains else []), *TURNED_SEARCHES]


def clip_faces(clip: Clip, *, detector: str) -> ClipFaces:
    """Search each frame as the last face was found, and in full size where that finds nobody."""
    known: Search | None = None
    tries_left = TURNED_TRIES
    frames: list[FrameFaces] = []
    for frame in clip.frames:
        long_side = max(frame.picture.shape[:2])
        faces: Faces = ()
        for search in _clip_searches(long_side, known, turned=known is None and tries_left > 0):
            if faces := _faces(frame.picture, search, detector=detector):
                known = Search(_sufficient_side(faces, frame.picture), search.quarter_turns)
                break
        tries_left -= not faces
        frames.append(FrameFaces(frame.time_s, faces))
    return ClipFaces(clip.duration_s, tuple(frames))


def _clip_searches(long_side: int, known: Search | None, *, turned: bool) -> list[Search]:
    if known is None:
        return [Search(long_side, quarters) for quarters in ((0, 1, 3, 2) if turned else (0,))]
    repeated = [known] if known.long_side < long_side else []
    return [*repeated, Search(long_side, known.quarter_turns)]


def _sufficient_side(faces: Faces, picture: Picture) -> int:
    """Compute the long side at which the largest face is 72 px wide; a selfie then takes a third of the time."""
    height, width, _ = (int(side) for side in picture.shape)
    face_width = max(face.width for face in faces) * width
    return max(MIN_CLIP_SIDE_PX, round(CLIP_FACE_PX * max(height, width) / face_width))


def _faces(picture: Picture, search: Search, *, detector: str) -> Faces:
    searched = np.ascontiguousarray(np.rot90(_shrunk(picture, search.long_side), search.quarter_turns))
    if min(searched.shape[:2]) < MIN_SEARCH_PX:
        return ()
    height, width = searched.shape[:2]
    faces = []
    for found in _analyze(searched, detector, upright=search.upright):
        box = found["region"]
        if search.quarter_turns and not (box["left_eye"] and box["right_eye"]):
            continue
        fractions = (box["x"] / width, box["y"] / height, box["w"] / width, box["h"] / height)
        faces.append(FaceScores(*turn_back(fractions, search.quarter_turns), scores=_scores(found)))
    return tuple(faces)


def turn_back(box: tuple[float, float, float, float], quarter_turns: int) -> tuple[float, float, float, float]:
    """Convert a box (x, y, width, height as fractions) found in a turned picture to the original."""
    x, y, width, height = box
    for _ in range(quarter_turns):
        x, y, width, height = 1 - y - height, x, height, width
    return x, y, width, height


def _analyze(picture: Picture, detector: str, *, upright: bool) -> Iterator[dict[str, Any]]:
    """Run DeepFace. Never with enforce_detection=False: it then reads a wall as a neutral face."""
    try:
        yield from DeepFace.analyze(picture, ("emotion",), detector_backend=detector, align=upright, silent=True)
    except (FaceNotDetected, ImgNotFound):
        return


def _scores(found: dict[str, Any]) -> dict[Any, float]:
    """Convert DeepFace's float32 percentages to floats that sum to 1."""
    percent = {label: max(0.0, float(found["emotion"][label])) for label in EMOTION_LABELS}
    total = sum(percent.values())
    return {label: value / total for label, value in percent.items()}


def _shrunk(picture: Picture, long_side: int) -> Picture:
    scale = long_side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
