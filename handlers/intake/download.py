"""Download selfies and melodies: checked before by the size that is said, and after by the size that came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers.errors import Refused
from handlers.intake.melody import MAX_MELODY_BYTES, check_melody
from handlers.intake.ports import Attachment, AttachmentLost, Attachments, AttachmentTooLarge
from handlers.intake.selfie import check_selfie
from pipeline.file_kind import MAX_FILE_BYTES


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a file is sent for: how large it may be, and what is said when it is or gets lost."""

    check: Callable[[int, float], None]
    limit: int  # bytes
    lost: str


_PICTURE = _Kind(check_selfie, MAX_FILE_BYTES, "photo_lost")
_MELODY = _Kind(check_melody, MAX_MELODY_BYTES, "melody_lost")


async def download_pictures(pictures: Sequence[Attachment], *, attachments: Attachments) -> tuple[bytes, ...]:
    """Fetch all that can be fetched; of several pictures one that is too large spoils nothing.

    Raises Refused when none is left: "file_too_large", "video_too_long", "photo_lost".
    """
    found, refused = [], Refused(_PICTURE.lost)
    for picture in pictures:
        try:
            found.append(await _download(picture, _PICTURE, attachments))
        except Refused as error:
            refused = error
    if not found:
        raise refused
    return tuple(found)


async def download_melody(melody: Attachment, *, attachments: Attachments) -> bytes:
    """Fetch a sound; raises Refused "melody_too_large", "melody_too_long", "melody_lost"."""
    return await _download(melody, _MELODY, attachments)


async def _download(attachment: Attachment, kind: _Kind, attachments: Attachments) -> bytes:
    kind.check(attachment.size, attachment.seconds)
    try:
        data = await attachments.read(attachment, limit=kind.limit)
    except AttachmentLost as error:
        raise Refused(kind.lost) from error
    except AttachmentTooLarge:
        kind.check(kind.limit + 1, 0.0)
        raise
    kind.check(len(data), 0.0)
    return data
