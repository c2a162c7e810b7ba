"""Photos of faces are private: find a session's photo, and take it off the disk."""

from __future__ import annotations

from handlers.deps import Desk
from pipeline.errors import BadInput
from storage.repositories.assets import AssetRow


async def paths_of(session_id: int, *, desk: Desk) -> list[str]:
    """Give the media paths of the session's photos or video, at least one, in the order they came."""
    photos = await _photos(session_id, desk=desk)
    if not photos:
        raise BadInput("photo_lost")
    return [photo.path for photo in photos]


async def remove(session_id: int, *, desk: Desk) -> None:
    """Delete the session's photos, then note it. A crash in between is finished by the sweeper."""
    for photo in await _photos(session_id, desk=desk):
        await discard(photo, desk=desk)


async def discard(photo: AssetRow, *, desk: Desk) -> None:
    """Delete one photo, then note it."""
    await desk.media.remove(photo.path)
    await desk.commit(lambda unit: unit.assets.mark_removed(photo.id, now=desk.clock.now()))


async def _photos(session_id: int, *, desk: Desk) -> list[AssetRow]:
    files = await desk.read(lambda unit: unit.assets.of_session(session_id))
    return [file for file in files if file.type in ("image", "video")]
