"""How often and how closely a picture is searched for faces with DeepFace. Runs in the mood reader's process.

Measured with OpenCV's detector on 54 compositions (one portrait, three backgrounds, 2 cores): at 640 px every
face from 6 % of the long side on is found in 0.16 s, at 960 px from 4 % in 0.32 s, at 1280 px from 4 % and
half of those of 3 % in 0.5 s. Selfies are above 15 %: 640 comes first, 1280 only where it found nobody.

YuNet shrinks whatever it gets to 640 px, and DeepFace, to turn faces upright, has put a border around it that makes
it twice as large: 320 px of the picture are left. Its closer look is one without turning upright, at all 640.
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

MIN_LOOK_PX = 24  # OpenCV's smallest window; a strip thinner than that holds no face
TURNED_TRIES = 8  # video frames that are also searched turned before we believe there is nobody
# Once a clip's face is known, later frames are shrunk until it has this width: the model wants 48 px of it.
CLIP_FACE_PX, MIN_CLIP_LOOK_PX = 72, 240


@dataclass(frozen=True, slots=True)
class Look:
    """One search: the picture at most this long, turned counter-clockwise by this many quarters."""

    long_side: int
    quarter_turns: int = 0
    upright: bool = True  # faces are turned by their eyes before they are read


FIRST_LOOK = Look(640)
CLOSER_LOOKS = {"opencv": Look(1280), "yunet": Look(640, upright=False)}
# A face in a turned picture must show both eyes: spokes and shadows turned sideways have passed for faces.
TURNED_LOOKS = (Look(640, 1), Look(640, 3), Look(640, 2))


def warm(detector: str) -> None:
    """Load both models and run each once, so that the first photo does not wait for it."""
    blank = np.zeros((64, 64, 3), dtype=np.uint8)
    for backend in (detector, "skip"):  # the detector finds nobody; "skip" takes the picture for a face
        DeepFace.analyze(blank, ("emotion",), detector_backend=backend, enforce_detection=False, silent=True)


def photo_faces(picture: Picture, *, detector: str) -> Faces:
    """Search until somebody is found, closer and turned at last; boxes refer to the picture as given."""
    for look in _photo_looks(max(picture.shape[:2]), detector):
        if faces := _faces(picture, look, detector=detector):
            return faces
    return ()


def _photo_looks(long_side: int, detector: str) -> list[Look]:
    closer = CLOSER_LOOKS[detector]
    nearer = [closer] if long_side > FIRST_LOOK.long_side or not closer.upright else []
    return [FIRST_LOOK, *nearer, *TURNED_LOOKS]


def clip_faces(clip: Clip, *, detector: str) -> ClipFaces:
    """Search every frame the way a face was last found, and fully where that fails."""
    known: Look | None = None
    tries_left = TURNED_TRIES
    frames: list[FrameFaces] = []
    for frame in clip.frames:
        long_side = max(frame.picture.shape[:2])
        faces: Faces = ()
        for look in _clip_looks(long_side, known, turned=known is None and tries_left > 0):
            if faces := _faces(frame.picture, look, detector=detector):
                known = Look(_near_enough(faces, frame.picture), look.quarter_turns)
                break
        tries_left -= not faces
        frames.append(FrameFaces(frame.time_s, faces))
    return ClipFaces(clip.duration_s, tuple(frames))


def _clip_looks(long_side: int, known: Look | None, *, turned: bool) -> list[Look]:
    if known is None:
        return [Look(long_side, quarters) for quarters in ((0, 1, 3, 2) if turned else (0,))]
    again = [known] if known.long_side < long_side else []
    return [*again, Look(long_side, known.quarter_turns)]


def _near_enough(faces: Faces, picture: Picture) -> int:
    """How long a picture must be for the largest face to be 72 px wide: a third of the time for a selfie."""
    height, width, _ = (int(side) for side in picture.shape)
    face_width = max(face.width for face in faces) * width
    return max(MIN_CLIP_LOOK_PX, round(CLIP_FACE_PX * max(height, width) / face_width))


def _faces(picture: Picture, look: Look, *, detector: str) -> Faces:
    seen = np.ascontiguousarray(np.rot90(_shrunk(picture, look.long_side), look.quarter_turns))
    if min(seen.shape[:2]) < MIN_LOOK_PX:
        return ()
    height, width = seen.shape[:2]
    faces = []
    for found in _analyze(seen, detector, upright=look.upright):
        box = found["region"]
        if look.quarter_turns and not (box["left_eye"] and box["right_eye"]):
            continue
        fractions = (box["x"] / width, box["y"] / height, box["w"] / width, box["h"] / height)
        faces.append(FaceScores(*turned_back(fractions, look.quarter_turns), scores=_scores(found)))
    return tuple(faces)


def turned_back(box: tuple[float, float, float, float], quarter_turns: int) -> tuple[float, float, float, float]:
    """Say where a box (x, y, width, height as fractions) found in a turned picture lies in the original."""
    x, y, width, height = box
    for _ in range(quarter_turns):
        x, y, width, height = 1 - y - height, x, height, width
    return x, y, width, height


def _analyze(picture: Picture, detector: str, *, upright: bool) -> Iterator[dict[str, Any]]:
    """Ask DeepFace. Never with enforce_detection=False: that reads walls and calls them neutral."""
    try:
        yield from DeepFace.analyze(picture, ("emotion",), detector_backend=detector, align=upright, silent=True)
    except (FaceNotDetected, ImgNotFound):
        return


def _scores(found: dict[str, Any]) -> dict[Any, float]:
    """Plain floats that sum to 1, from DeepFace's float32 percentages."""
    percent = {label: max(0.0, float(found["emotion"][label])) for label in EMOTION_LABELS}
    total = sum(percent.values())
    return {label: value / total for label, value in percent.items()}


def _shrunk(picture: Picture, long_side: int) -> Picture:
    scale = long_side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
