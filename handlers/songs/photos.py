"""Photos of faces are private: find a session's photo, and take it off the disk."""

from __future__ import annotations

from handlers.deps import Deps
from pipeline.errors import BadInput
from storage.repositories.assets import AssetRow


async def paths_of(session_id: int, *, deps: Deps) -> list[str]:
    """Give the media paths of the session's photos or video, at least one, in the order they came."""
    photos = await _load_photos(session_id, deps=deps)
    if not photos:
        raise BadInput("photo_lost")
    return [photo.path for photo in photos]


async def remove(session_id: int, *, deps: Deps) -> None:
    """Delete the session's photos, then note it. A crash in between is finished by the sweeper."""
    for photo in await _load_photos(session_id, deps=deps):
        await discard(photo, deps=deps)


async def discard(photo: AssetRow, *, deps: Deps) -> None:
    """Delete one photo, then note it."""
    await deps.media.remove(photo.path)
    await deps.commit(lambda unit: unit.assets.mark_removed(photo.id, now=deps.clock.now()))


async def _load_photos(session_id: int, *, deps: Deps) -> list[AssetRow]:
    files = await deps.read(lambda unit: unit.assets.of_session(session_id))
    return [file for file in files if file.type in ("image", "video")]
