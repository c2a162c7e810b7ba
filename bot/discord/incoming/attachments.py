"""Files that people attach: described as Discord does it, then read with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import discord

from handlers.intake.file_type import claims_picture, claims_sound
from handlers.intake.ports import Attachment, AttachmentLost, AttachmentTooLarge

TIMEOUT_S = 30.0
CHUNK = 65_536  # bytes


def pictures_of(attachments: Sequence[discord.Attachment]) -> list[Attachment]:
    """Give those that may hold a face; what they are shows when they are decoded."""
    return [described(each) for each in attachments if claims_picture(each.filename, each.content_type)]


def sounds_of(attachments: Sequence[discord.Attachment]) -> list[Attachment]:
    """Give those that may be a hummed melody, a voice message or a file."""
    return [described(each) for each in attachments if claims_sound(each.filename, each.content_type)]


def described(attachment: discord.Attachment) -> Attachment:
    return Attachment(attachment.url, attachment.size, attachment.duration or 0.0)


class DiscordAttachments:
    """The Attachments port. Signed URLs end after a day; longer none is kept."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._read(attachment.address, limit)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise AttachmentLost from error

    async def _read(self, url: str, limit: int) -> bytes:
        data = bytearray()
        async with self._session.get(url, raise_for_status=True, allow_redirects=False) as response:
            async for chunk in response.content.iter_chunked(CHUNK):
                data += chunk
                if len(data) > limit:
                    raise AttachmentTooLarge
        return bytes(data)
