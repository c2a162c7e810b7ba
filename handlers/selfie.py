"""A selfie arrives: open its rows, keep the photo, queue the song, answer at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from handlers.desk import Desk
from handlers.errors import Refused
from handlers.events import MoodNamed, SelfieReceived, Sender
from handlers.wish import wish_to_json
from pipeline.values import MAX_DURATION_S, MIN_DURATION_S
from storage.media import media_path
from storage.states import State
from storage.unit_of_work import UnitOfWork

UNKNOWN_KIND = "application/octet-stream"
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"msf1")
MAX_SELFIE_BYTES = 20_000_000  # Telegram's own limit for what a bot may download


@dataclass(frozen=True, slots=True)
class _Opened:
    song_id: int
    photo: str


async def receive_selfie(event: SelfieReceived, *, desk: Desk) -> int:
    """Take a selfie in and return the id of the song it will become.

    The rows are committed before the file is written, so no photo lies anywhere that the database does not
    know of; a crash in between ends as "please send it again".
    """
    _check(event)
    md5 = hashlib.md5(event.data, usedforsecurity=False).hexdigest()

    async def open_rows(unit: UnitOfWork) -> _Opened:
        now = desk.clock.now()
        user_id = await user_of(event.sender, unit=unit, desk=desk)
        session_id = await unit.users.open_session(user_id, event.sender.platform, now)
        photo = media_path(user_id, session_id, md5, "selfie")
        await unit.assets.add(
            session_id=session_id, kind="image", path=photo, mime=kind_of(event.data), md5=md5, now=now
        )
        song_id = await unit.songs.add(
            session_id=session_id,
            user_id=user_id,
            status=State.RECEIVED,
            wish=wish_to_json(event.wish),
            reply_to=event.reply_to,
            now=now,
        )
        return _Opened(song_id, photo)

    opened = await desk.commit(open_rows)
    await desk.media.put(opened.photo, event.data, private=True)
    await desk.queue.put("draft", opened.song_id, attempt=0, platform=event.sender.platform)
    return opened.song_id


async def receive_mood(event: MoodNamed, *, desk: Desk) -> int:
    """Begin a song for a named mood and return its id. Raises Refused as `receive_selfie` does."""
    raise NotImplementedError


async def user_of(sender: Sender, *, unit: UnitOfWork, desk: Desk) -> int:
    """Find the sender's user id, or make them a user."""
    user = await unit.users.find_or_create(sender.platform, sender.account_id, sender.username, desk.clock.now())
    return user.id


def kind_of(data: bytes) -> str:
    """Name the media type by the first bytes; only the event log wants to know."""
    if data[4:8] == b"ftyp" and data[8:12] not in HEIC_BRANDS:
        return "video/mp4"
    return next((mime for start, mime in SIGNATURES.items() if data.startswith(start)), UNKNOWN_KIND)


def _check(event: SelfieReceived) -> None:
    if not event.data:
        raise Refused("empty_file")
    if len(event.data) > MAX_SELFIE_BYTES:
        raise Refused("file_too_large", megabytes=round(len(event.data) / 1e6, 1), limit=20)
    check_duration(event.wish.duration_s)


def check_duration(seconds: float) -> None:
    """Refuse what no engine may be asked for; also NaN."""
    if not MIN_DURATION_S <= seconds <= MAX_DURATION_S:
        raise Refused("bad_duration", low=int(MIN_DURATION_S), high=int(MAX_DURATION_S))
