"""Pictures and clips that the mood tests send: made from the sample portrait, or drawn."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

PORTRAIT_FILE = Path(__file__).parents[2] / "samples" / "eileen_collins.jpg"
# The face's box in the 512 px portrait, as fractions: a test of "where" allows for a detector's taste.
FACE_CENTRE = (0.44, 0.22)


def portrait(side: int = 512) -> Image.Image:
    """The sample portrait, upright, square."""
    with Image.open(PORTRAIT_FILE) as image:
        return image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def landscape(width: int = 640, height: int = 480) -> Image.Image:
    """Sky over hills; nobody is in it."""
    y, x = np.mgrid[0:height, 0:width]
    hill = y > height * (0.6 + 0.1 * np.sin(x / 90))
    sky = np.stack([120 + y // 8, 160 + y // 10, np.full_like(y, 230)], axis=-1)
    grass = np.stack([60 + (x + y) % 17, 120 + (x * y) % 23, np.full_like(y, 50)], axis=-1)
    return Image.fromarray(np.where(hill[..., None], grass, sky).astype(np.uint8))


def encoded(image: Image.Image, format_name: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def clip(
    frames: Iterable[Image.Image],
    *,
    rate: int = 4,
    container: str = "mp4",
    codec: str = "libx264",
) -> bytes:
    """A silent video of these frames, all of one size."""
    file = io.BytesIO()
    with _as_scheduled(), av.open(file, "w", format=container) as output:
        stream: VideoStream | None = None
        for number, image in enumerate(frames):
            if stream is None:
                stream = cast(VideoStream, output.add_stream(codec, rate=rate))
                stream.width, stream.height = image.size
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            output.mux(stream.encode(frame))
        assert stream is not None
        output.mux(stream.encode(None))
    return file.getvalue()


@contextmanager
def _as_scheduled() -> Iterator[None]:
    """Undo what SVT-AV1 does where it may: it makes the calling thread real-time, which starves everybody else."""
    yield
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def sound(container: str = "wav", codec: str = "pcm_s16le", *, seconds: int = 1) -> bytes:
    """A file of silence, without any picture."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = cast(AudioStream, output.add_stream(codec, rate=48_000, layout="mono"))
        for start in range(0, 48_000 * seconds, 960):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), format="s16", layout="mono")
            frame.rate, frame.pts = 48_000, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def held_sideways(video: bytes, matrix: Sequence[int]) -> bytes:
    """Write a display matrix (nine whole numbers) into an mp4's track header, as a turned phone does."""
    at = video.index(b"tkhd") + 4 + 40  # version 0: the fields before the matrix take 40 bytes
    fixed_points = (1 << 16, 1 << 16, 1 << 30) * 3
    entries = [value * one for value, one in zip(matrix, fixed_points, strict=True)]
    return video[:at] + struct.pack(">9i", *entries) + video[at + 36 :]
