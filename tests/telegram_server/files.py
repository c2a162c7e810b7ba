"""Files that people and the bot sent: their ids, their stated sizes, and getFile."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import count

from PIL import Image, ImageOps

from tests.telegram_server.call import Json, bad_request

MB = 1_000_000
DOWNLOAD_LIMIT, UPLOAD_LIMIT, PHOTO_LIMIT = 20 * MB, 50 * MB, 10 * MB
THUMBNAIL_LIMIT, THUMBNAIL_SIDE = 200_000, 320  # bytes, pixels
PHOTO_SIDES = (90, 320, 800, 1280)  # pixels; the sizes in which Telegram keeps a photo


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    path: str
    data: bytes
    size: int | None  # as stated to the bot; None leaves it out, as Telegram may

    def json(self) -> Json:
        stated = {} if self.size is None else {"file_size": self.size}
        return {"file_id": self.id, "file_unique_id": f"u{self.id}"} | stated


@dataclass(slots=True)
class Files:
    by_id: dict[str, StoredFile] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def keep(self, folder: str, data: bytes, *, suffix: str = "", size: int | None = -1) -> StoredFile:
        """Store a file; a `size` other than its own makes it lie."""
        number = next(self.numbers)
        stated = len(data) if size == -1 else size
        file = StoredFile(f"{folder}-{number:04}", f"{folder}/file_{number}{suffix}", data, stated)
        self.by_id[file.id] = file
        return file

    def keep_photo(self, data: bytes) -> list[Json]:
        """Store a picture in every size that is not larger than itself, as JPEG without its EXIF."""
        with Image.open(io.BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        fitting = [side for side in PHOTO_SIDES[:-1] if side < max(picture.size)]
        return [self._photo_size(picture, side) for side in [*fitting, PHOTO_SIDES[-1]]]

    def _photo_size(self, picture: Image.Image, side: int) -> Json:
        scaled, jpeg = picture.copy(), io.BytesIO()
        scaled.thumbnail((side, side))
        scaled.save(jpeg, "JPEG", quality=87)
        file = self.keep("photos", jpeg.getvalue(), suffix=".jpg")
        return file.json() | {"width": scaled.width, "height": scaled.height}

    def link(self, file_id: str) -> Json:
        """Answer getFile."""
        if (file := self.by_id.get(file_id)) is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if max(file.size or 0, len(file.data)) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return file.json() | {"file_path": file.path}

    def read(self, path: str) -> bytes | None:
        return next((file.data for file in self.by_id.values() if file.path == path), None)


def is_thumbnail(data: bytes) -> bool:
    """Whether Telegram would show this as a thumbnail; it silently drops others."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            fits = max(picture.size) <= THUMBNAIL_SIDE and picture.format == "JPEG"
    except OSError:
        return False
    return fits and len(data) <= THUMBNAIL_LIMIT


def is_playable(data: bytes) -> bool:
    """Whether it is MP3 or M4A, which is all that the music player takes."""
    return data[:3] == b"ID3" or data[4:8] == b"ftyp" or (data[:1] == b"\xff" and data[1:2] >= b"\xe0")
