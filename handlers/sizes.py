"""How large a selfie may be, asked before it is fetched where the chat tells, and after."""

from __future__ import annotations

from handlers.errors import Refused
from pipeline.file_kind import MAX_FILE_BYTES, megabytes


def check_selfie_size(size: int) -> None:
    """Raise Refused "file_too_large"."""
    if size > MAX_FILE_BYTES:
        raise Refused("file_too_large", **megabytes(size, MAX_FILE_BYTES))
