"""What a stranger's file is, told by its first bytes and never by its name. `faces.read_mood` and the decoders ask."""

from __future__ import annotations

import math
from typing import Literal

from pipeline.errors import BadInput

FileKind = Literal["photo", "video"]

MAX_FILE_BYTES = 20_000_000  # what Telegram's getFile hands out at most
MAX_CLIP_S = 60.0

_PHOTO_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
# Sound counts as a clip, so that the answer can be "there is no picture in it".
_MP3_STARTS = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
_CLIP_STARTS = (b"\x1a\x45\xdf\xa3", b"OggS", b"fLaC", b"FLV\x01", *_MP3_STARTS)
_RIFF_KINDS: dict[bytes, FileKind] = {b"WEBP": "photo", b"AVI ": "video", b"WAVE": "video"}
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # files older than the ftyp box


def file_kind(data: bytes) -> FileKind:
    """Say whether the bytes claim to be a photo or a clip; decoding shows whether they are.

    Raises BadInput: "file_too_large" (megabytes, limit) or "not_a_picture".
    """
    if len(data) > MAX_FILE_BYTES:
        raise BadInput("file_too_large", **megabytes(len(data), MAX_FILE_BYTES))
    kind = _claimed_kind(data[:12])
    if kind is None:
        raise BadInput("not_a_picture")
    return kind


def megabytes(size: int, most: int) -> dict[str, float]:
    """Give the facts of a refusal; the size is rounded up, so that what is over the limit reads so."""
    return {"megabytes": math.ceil(size / 100_000) / 10, "limit": most // 1_000_000}


def _claimed_kind(start: bytes) -> FileKind | None:
    if start.startswith(_PHOTO_STARTS):
        return "photo"
    if start.startswith(_CLIP_STARTS) or start[4:8] in _QUICKTIME_BOXES:
        return "video"
    if start.startswith(b"RIFF"):
        return _RIFF_KINDS.get(start[8:12])
    if start[4:8] == b"ftyp":
        return "photo" if start[8:12] in _STILL_BRANDS else "video"
    return None
