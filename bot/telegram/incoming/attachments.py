"""Pictures, videos and sounds in messages: looked at by what Telegram says of them, then downloaded with a limit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from telegram import Bot, Document, Message, PhotoSize
from telegram.error import TelegramError

from bot.telegram.api_errors import says
from handlers.errors import Refused
from handlers.intake.selfie import check_selfie_size
from pipeline.file_kind import MAX_FILE_BYTES

ENDINGS = frozenset({".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".mov", ".webm", ".m4v"})
AT_ONCE = 8  # downloads in memory together: at most 160 MB, usually a few
TIMEOUT_S = 60.0
LONGEST_VIDEO_S = 60  # what the reader takes; longer ones are refused before their bytes are fetched


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as Telegram describes it; no word of that is believed later on."""

    file_id: str
    size: int | None
    seconds: float = 0.0


def picture_of(message: Message) -> Attached | None:
    """Give the photo, video, round video, or the document that claims to be one of them."""
    if message.photo:
        return _attached(max(message.photo, key=lambda size: size.width * size.height))
    if message.document and not _may_be_picture(message.document):
        return None
    found = message.video or message.video_note or message.animation or message.document
    if found is None:
        return None
    duration = getattr(found, "duration", 0)
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else float(duration or 0)
    return Attached(found.file_id, found.file_size, seconds)


def has_sound(message: Message) -> bool:
    return bool(message.voice or message.audio)


def _attached(photo: PhotoSize) -> Attached:
    return Attached(photo.file_id, photo.file_size)


def _may_be_picture(document: Document) -> bool:
    kind = document.mime_type or ""
    suffix = PurePosixPath(document.file_name or "").suffix.lower()
    return kind.startswith(("image/", "video/")) or suffix in ENDINGS


def check(file: Attached) -> None:
    """Refuse what is too large or too long before its first byte is fetched."""
    check_selfie_size(file.size or 0)
    if file.seconds > LONGEST_VIDEO_S:
        raise Refused("video_too_long", seconds=round(file.seconds), limit_seconds=LONGEST_VIDEO_S)


class Attachments:
    """Fetches files, a few at a time."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._free = asyncio.Semaphore(AT_ONCE)

    async def read(self, file: Attached) -> bytes:
        """Give the bytes, or refuse: `file_too_large`, or `photo_lost` when Telegram does not hand them out."""
        check(file)
        async with self._free:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    data = bytes(await (await self._bot.get_file(file.file_id)).download_as_bytearray())
            except (TelegramError, TimeoutError) as error:
                if isinstance(error, TelegramError) and says(error, "file is too big"):
                    check_selfie_size(MAX_FILE_BYTES + 1)
                raise Refused("photo_lost") from error
        check_selfie_size(len(data))
        return data
