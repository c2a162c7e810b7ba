"""Files on this machine's disk, in the place of what a chat's platform keeps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import UserError
from handlers.intake.ports import Attachment, AttachmentTooLarge


def local_file(name: str) -> Attachment:
    """Describe a file; UserError when there is none, or none that can be read."""
    path = Path(name).expanduser()  # not every shell does it behind make's PHOTO=
    with _explained(path), path.open("rb") as file:
        return Attachment(str(path), os.fstat(file.fileno()).st_size)


class LocalFiles:
    """The Attachments port."""

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        path = Path(attachment.address)
        with _explained(path):
            data = await asyncio.to_thread(_read, path, limit + 1)
        if len(data) > limit:
            raise AttachmentTooLarge
        return data


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UserError("no_such_file", file=str(path)) from error
    except OSError as error:
        raise UserError("unreadable_file", file=str(path), problem=error.strerror or "unreadable") from error
