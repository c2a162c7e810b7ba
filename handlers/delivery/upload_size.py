"""Fit a song's file to the size that a chat accepts."""

from __future__ import annotations

import asyncio
from functools import partial

from handlers.deps import Deps
from handlers.ports import SongMessage


async def song_bytes(message: SongMessage, *, max_bytes: int, deps: Deps) -> bytes:
    """Read the mp3, encoded smaller when it is too large; raises pipeline's BadInput("song_too_large")."""
    data = await deps.media.get(str(message.audio_path))
    if len(data) <= max_bytes:
        return data
    from pipeline.audio.mp3 import reencode  # only now: a chat process seldom needs an encoder

    return await asyncio.to_thread(partial(reencode, data, max_bytes=max_bytes))
