"""A song's file in a size that the chat takes."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.ports import SongMessage


async def song_bytes(message: SongMessage, *, max_bytes: int, desk: Desk) -> bytes:
    """Read the mp3, encoded smaller when it is too large; raises pipeline's BadInput("song_too_large")."""
    raise NotImplementedError
