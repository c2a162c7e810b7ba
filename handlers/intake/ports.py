"""What the intake needs from a platform: files described before they are fetched, and a way to fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import AliasChoices, Field


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, video or sound where its platform keeps it, and what the platform says of it."""

    # A URL, a file id or a path, as the adapter likes. Rows of selfies that wait may still call it "url".
    address: Annotated[str, Field(validation_alias=AliasChoices("address", "url"))]
    size: int  # bytes; 0: not said
    seconds: float = 0.0  # 0: not said, or a still picture


class AttachmentLost(Exception):
    """The platform does not hand the file out: its address has ended, or the connection broke."""


class AttachmentTooLarge(Exception):
    """The file has more bytes than were asked for, whatever was said of it."""


class Attachments(Protocol):
    """Fetches files from a platform, or from the disk."""

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        """Give the file's bytes; raises AttachmentLost, or AttachmentTooLarge beyond `limit` bytes."""
