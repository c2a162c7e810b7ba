"""Pictures and videos that people attach: looked at by size and type first, then read with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath

import aiohttp
import discord

from handlers.errors import Refused
from handlers.intake.pending_selfie import FileAddress
from handlers.intake.selfie import check_selfie_size

# Discord names the type by the file's ending; HEIC often comes without any.
ENDINGS = frozenset({".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".mov", ".webm", ".m4v"})
SOUND_ENDINGS = frozenset({".ogg", ".oga", ".opus", ".mp3", ".m4a", ".wav", ".flac"})
TIMEOUT_S = 30.0
CHUNK = 65_536  # bytes


def pictures_of(attachments: Sequence[discord.Attachment]) -> list[FileAddress]:
    """Give those that may hold a face, by what Discord says of them; what they are shows when they are decoded."""
    return [file_address(each) for each in attachments if _may_be_picture(each)]


def sounds_of(attachments: Sequence[discord.Attachment]) -> list[FileAddress]:
    """Give those that may be a hummed melody, a voice message or a file."""
    return [file_address(each) for each in attachments if _may_be_sound(each)]


def file_address(attachment: discord.Attachment) -> FileAddress:
    """Give what is needed to read the attachment later."""
    return FileAddress(attachment.url, attachment.size, attachment.duration or 0.0)


def _may_be_sound(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or ""
    return kind.startswith("audio/") or PurePosixPath(attachment.filename).suffix.lower() in SOUND_ENDINGS


def _may_be_picture(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or ""
    return kind.startswith(("image/", "video/")) or PurePosixPath(attachment.filename).suffix.lower() in ENDINGS


class Attachments:
    """Reads attachments. Their signed URLs end after a day; longer none is kept."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def read(self, file: FileAddress) -> bytes:
        """Give the file's bytes, or refuse: `file_too_large`, or `photo_lost` when Discord does not hand it out."""
        check_selfie_size(file.size)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._read(file.url)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Refused("photo_lost") from error

    async def _read(self, url: str) -> bytes:
        data = bytearray()
        async with self._session.get(url, raise_for_status=True, allow_redirects=False) as response:
            async for chunk in response.content.iter_chunked(CHUNK):
                data += chunk
                check_selfie_size(len(data))
        return bytes(data)
