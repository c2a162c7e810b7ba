"""A hummed melody waits for the listener's next song, which takes it along. Only a music worker opens the file.

The newest melody waits in a session of its own and moves to its song's. Until the song has come out, or when it
failed, it is there for the next one; a newer melody takes its place.
"""

from __future__ import annotations

import hashlib

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import MelodyReceived
from pipeline.file_kind import megabytes
from storage.media import media_path
from storage.repositories.assets import AssetRow
from storage.unit_of_work import UnitOfWork

MAX_MELODY_BYTES = 10_000_000  # four minutes of mp3; a voice note of a minute has 0.3 MB
MAX_MELODY_S = 120  # what a song can hold
HUM = "hum"  # the word that makes a sound a melody
SIGNATURES = {
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"RIFF": "audio/wav",
    b"\x1aE\xdf\xa3": "audio/webm",
}


def is_hum(words: str) -> bool:
    """Whether what somebody wrote beside a sound makes it a melody; in answer to a song it is one without words."""
    return words.strip().lower() == HUM


def check_melody(size: int, seconds: float = 0.0) -> None:
    """Refuse what is too large or too long by what is said of it: "melody_too_large" or "melody_too_long" (limit)."""
    if size > MAX_MELODY_BYTES:
        raise Refused("melody_too_large", **megabytes(size, MAX_MELODY_BYTES))
    if seconds > MAX_MELODY_S:
        raise Refused("melody_too_long", seconds=round(seconds), limit=MAX_MELODY_S)


async def keep_melody(event: MelodyReceived, *, deps: Deps) -> None:
    """Keep a sound for the sender's next song. The same key again keeps it no second time.

    Raises Refused: what `check_melody` does, "empty_file", "not_a_sound".
    """
    kind, md5 = _kind_of(event.data), hashlib.md5(event.data, usedforsecurity=False).hexdigest()

    async def store_melody(unit: UnitOfWork) -> tuple[AssetRow | None, list[AssetRow]]:
        now, sender = deps.clock.now(), event.sender
        user = await unit.users.find_or_create(sender.platform, sender.account_id, sender.username, now)
        await unit.users.lock(user.id)
        new = event.key is None or await unit.idempotency_keys.add(
            sender.platform, f"melody:{event.key}", song_id=None, now=now
        )
        if new:
            session_id = await unit.users.open_session(user.id, sender.platform, now)
            path = media_path(user.id, session_id, md5, "melody")
            await unit.assets.add(session_id=session_id, kind="melody", path=path, mime=kind, md5=md5, now=now)
        waiting = await unit.assets.melodies_waiting(user.id)
        return next((each for each in waiting if each.md5 == md5), None), waiting

    ours, waiting = await deps.commit(store_melody)
    if ours is None:
        return  # delivered again when its song had already taken it along
    await deps.media.put(ours.path, event.data, private=True)
    for older in waiting:
        if older.id < ours.id:
            await _discard(older, deps=deps)


async def _discard(melody: AssetRow, *, deps: Deps) -> None:
    await deps.media.remove(melody.path)
    await deps.commit(lambda unit: unit.assets.mark_removed(melody.id, now=deps.clock.now()))


def _kind_of(data: bytes) -> str:
    """Name the media type by the first bytes; what it really holds shows when a worker decodes it."""
    if not data:
        raise Refused("empty_file")
    check_melody(len(data))
    if data[4:8] == b"ftyp":
        return "audio/mp4"
    if data[0] == 0xFF and len(data) > 1 and data[1] & 0xE0 == 0xE0:  # an mp3 or aac frame without tags before it
        return "audio/mpeg"
    kind = next((mime for start, mime in SIGNATURES.items() if data.startswith(start)), None)
    if kind is None:
        raise Refused("not_a_sound")
    return kind
