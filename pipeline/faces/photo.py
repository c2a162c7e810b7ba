"""A stranger's photo, from bytes to an upright array of modest size. Runs in the mood reader's process."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pipeline.errors import BadInput
from pipeline.file_kind import file_kind

MAX_MEGAPIXELS = 25  # 75 MB decoded; phones send 12 by default
MIN_SIDE_PX = 48  # the emotion model's own picture of a face
LONG_SIDE_PX = 1280  # the finest look for faces: see `face_search`

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "AVIF")
# What Pillow's decoders raise on malformed data; running out of memory is not among them.
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    ArithmeticError,
    TypeError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
_ORIENTATION = 0x0112  # EXIF tag

Picture = NDArray[np.uint8]  # [height, width, 3], blue green red as OpenCV and DeepFace want it


def read_photo(data: bytes, *, long_side: int = LONG_SIDE_PX) -> Picture:
    """Decode JPEG, PNG, WebP, HEIC, AVIF or a GIF's first frame, upright, at most `long_side` long.

    Raises BadInput: what `file_kind` raises, "broken_picture", "picture_too_large" (megapixels,
    limit_megapixels) and "picture_too_small" (width, height, limit_px); sizes are checked before decoding.
    """
    if file_kind(data) != "photo":
        raise BadInput("not_a_picture")
    pillow_heif.register_heif_opener()  # idempotent
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            _open(data) as image,
        ):  # we answer, Pillow need not warn
            _check_size(image.width, image.height)
            return _upright(image, long_side)
    except _DECODER_ERRORS as error:
        raise BadInput("broken_picture") from error


def check_megapixels(width: int, height: int) -> None:
    """Raise BadInput("picture_too_large") for more pixels than we want to hold; clips ask too."""
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise _too_large(width * height)


def _open(data: bytes) -> Image.Image:
    """Read the header only. Pillow has a limit of its own, far above ours, which it may meet first."""
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\d+", str(error))
        raise _too_large(int(pixels.group()) if pixels else 0) from error


def _too_large(pixels: int) -> BadInput:
    return BadInput("picture_too_large", megapixels=round(pixels / 1e6, 1), limit_megapixels=MAX_MEGAPIXELS)


def _check_size(width: int, height: int) -> None:
    check_megapixels(width, height)
    if min(width, height) < MIN_SIDE_PX:
        raise BadInput("picture_too_small", width=width, height=height, limit_px=MIN_SIDE_PX)


def _upright(image: Image.Image, long_side: int) -> Picture:
    image.draft("RGB", (long_side, long_side))  # a JPEG decodes at a fraction of its size, never below this
    image.load()
    small = _opaque(image)
    small.thumbnail((long_side, long_side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    small.getexif()[_ORIENTATION] = _orientation(image)
    rgb = np.asarray(ImageOps.exif_transpose(small))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _orientation(image: Image.Image) -> int:
    """Read how the camera was held; 1 means upright. Broken EXIF does not make a broken picture."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DECODER_ERRORS:
        return 1


def _opaque(image: Image.Image) -> Image.Image:
    """Make it RGB: sixteen bits scaled to eight, transparent parts on white."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")
