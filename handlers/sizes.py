"""How large a file may be, and the refusal that says so: before it is fetched where the chat tells, and after."""

from __future__ import annotations

from handlers.errors import Refused
from pipeline.file_kind import MAX_FILE_BYTES, megabytes

MAX_MELODY_BYTES = 10_000_000  # four minutes of mp3; a voice note of a minute has 0.3 MB


def check_selfie_size(size: int) -> None:
    """Raise Refused "file_too_large"."""
    if size > MAX_FILE_BYTES:
        raise Refused("file_too_large", **megabytes(size, MAX_FILE_BYTES))


def check_melody_size(size: int) -> None:
    """Raise Refused "melody_too_large"."""
    if size > MAX_MELODY_BYTES:
        raise Refused("melody_too_large", **megabytes(size, MAX_MELODY_BYTES))
