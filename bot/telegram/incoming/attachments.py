"""Pictures, videos and sounds in messages: described as Telegram does it, then downloaded with a limit."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from telegram import Animation, Audio, Bot, Document, Message, PhotoSize, Video, VideoNote, Voice
from telegram.error import TelegramError

from bot.telegram.api_errors import says
from handlers.intake.file_type import claims_picture, claims_sound
from handlers.intake.ports import Attachment, AttachmentLost, AttachmentTooLarge

TIMEOUT_S = 60.0


def picture_of(message: Message) -> Attachment | None:
    """Give the photo in its largest size, the video, round video, or the document that claims to be one of them."""
    if message.photo:
        return _described(max(message.photo, key=lambda size: size.width * size.height))
    document = message.document
    if document and not claims_picture(document.file_name, document.mime_type):
        return None
    found = message.video or message.video_note or message.animation or document
    return _described(found) if found else None


def sound_of(message: Message) -> Attachment | None:
    """Give the voice note, the audio file, or the document that claims to be one: wav, ogg and flac come as such."""
    document = message.document
    if document and not claims_sound(document.file_name, document.mime_type):
        return None
    found = message.voice or message.audio or document
    return _described(found) if found else None


def _described(found: PhotoSize | Video | VideoNote | Animation | Document | Voice | Audio) -> Attachment:
    duration = getattr(found, "duration", 0)
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else float(duration or 0)
    return Attachment(found.file_id, found.file_size or 0, seconds)


class TelegramAttachments:
    """The Attachments port."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                file = await self._bot.get_file(attachment.address)
                if (file.file_size or 0) > limit:
                    raise AttachmentTooLarge
                return bytes(await file.download_as_bytearray())
        except (TelegramError, TimeoutError) as error:
            if isinstance(error, TelegramError) and says(error, "file is too big"):
                raise AttachmentTooLarge from error
            raise AttachmentLost from error
