"""Receive a selfie: create its song, keep the photo, queue the draft."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import SelfieReceived
from handlers.songs.create import CreatedSong, NewSong, create_song
from pipeline.file_kind import MAX_CLIP_S, MAX_FILE_BYTES, megabytes
from storage.media import media_path
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

UNKNOWN_KIND = "application/octet-stream"
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"msf1")
MAX_PICTURES = 10  # of one message; an album has no more


@dataclass(frozen=True, slots=True)
class _Picture:
    data: bytes
    md5: str
    path: str = ""


async def receive_selfie(event: SelfieReceived, *, deps: Deps) -> int:
    """Take a selfie in and return the id of the song it will become; the same key again gives the same id.

    The rows are committed before the file is written, so no photo lies anywhere that the database does not
    know of; a crash in between ends as "please send it again", or is mended when the platform delivers again.
    Raises Refused: empty_file, file_too_large, bad_duration, bad_sampling, too_many_in_work, too_many_today.
    """
    pictures = await asyncio.to_thread(_pictures, event)  # hashing 200 MB takes 0.3 s

    async def keep_names(unit: UnitOfWork, created: CreatedSong) -> None:
        for picture in _placed(pictures, created):
            await unit.assets.add(
                session_id=created.session_id,
                kind="image",
                path=picture.path,
                mime=kind_of(picture.data),
                md5=picture.md5,
                now=deps.clock.now(),
            )

    new_song = NewSong(event.sender, event.reply_to, event.options, event.key, event.in_group)
    created = await create_song(new_song, keep_names, deps=deps)
    if created.new or await _interrupted(created, pictures, deps=deps):
        await _keep(created, pictures, deps=deps)
        await deps.queue.put("draft", created.song_id, attempt=0, platform=event.sender.platform)
    return created.song_id


def _pictures(event: SelfieReceived) -> list[_Picture]:
    """Check the pictures and drop repeats; of several the unusable ones are passed over."""
    candidates = event.data if isinstance(event.data, tuple) else (event.data,)
    offered = [data for data in candidates[:MAX_PICTURES] if data]
    if not offered:
        raise Refused("empty_file")
    sized = [data for data in offered if len(data) <= MAX_FILE_BYTES]
    if not sized:
        check_selfie(len(offered[0]))
    hashed = {hashlib.md5(data, usedforsecurity=False).hexdigest(): data for data in sized}
    return [_Picture(data, md5) for md5, data in hashed.items()]


def _placed(pictures: Sequence[_Picture], created: CreatedSong) -> list[_Picture]:
    return [
        replace(each, path=media_path(created.user_id, created.session_id, each.md5, "selfie")) for each in pictures
    ]


async def _interrupted(created: CreatedSong, pictures: Sequence[_Picture], *, deps: Deps) -> bool:
    """Whether an earlier delivery of the event committed the rows and died before the files were kept."""
    song = await deps.read(lambda unit: unit.songs.get(created.song_id))
    if song is None or song.status != SongState.RECEIVED:
        return False
    return not all([await deps.media.exists(each.path) for each in _placed(pictures, created)])


async def _keep(created: CreatedSong, pictures: Sequence[_Picture], *, deps: Deps) -> None:
    """Write the photos, then delete them again if the song was cancelled meanwhile."""
    placed = _placed(pictures, created)
    for picture in placed:
        await deps.media.put(picture.path, picture.data, private=True)
    wanted = {file.path for file in await deps.read(lambda unit: unit.assets.of_session(created.session_id))}
    for picture in placed:
        if picture.path not in wanted:
            await deps.media.remove(picture.path)


def kind_of(data: bytes) -> str:
    """Name the media type by the first bytes; only the event log wants to know."""
    if data[4:8] == b"ftyp":
        return "image/heic" if data[8:12] in HEIC_BRANDS else "video/mp4"
    return next((mime for new_song, mime in SIGNATURES.items() if data.startswith(new_song)), UNKNOWN_KIND)


def check_selfie(size: int, seconds: float = 0.0) -> None:
    """Refuse what is too large or too long by what is said of it: "file_too_large" or "video_too_long"."""
    if size > MAX_FILE_BYTES:
        raise Refused("file_too_large", **megabytes(size, MAX_FILE_BYTES))
    if seconds > MAX_CLIP_S:
        raise Refused("video_too_long", seconds=round(seconds), limit_seconds=round(MAX_CLIP_S))
