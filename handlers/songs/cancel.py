"""Cancel a song, by its owner or a moderator of the place, in whatever stage it is."""

from __future__ import annotations

from handlers.deps import Deps
from handlers.errors import UnknownSong
from handlers.events import Origin, Sender
from handlers.ports import Stage
from handlers.songs import photos
from handlers.songs.access import LARGEST_ID, is_here, is_owner
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

# Which stage moves a song on that stands in this state; `asking` waits for a person.
STAGE_OF: dict[SongState, Stage] = {
    SongState.RECEIVED: "draft",
    SongState.READING: "draft",
    SongState.DRAFTING: "draft",
    SongState.QUEUED: "music",
    SongState.RENDERING: "music",
    SongState.DELIVERING: "deliver",
}


async def cancel_song(song_id: int, *, by: Sender, deps: Deps, origin: Origin | None = None) -> bool:
    """Cancel the song; False when it had already ended. Only its owner may, and moderators where it was begun.

    Others learn of no such song: raises UnknownSong. The row decides: a worker that finishes at the same moment
    either was first, or finds its lease lost.
    """

    async def load_song(unit: UnitOfWork) -> SongRow:
        song = await unit.songs.get(song_id) if 0 < song_id <= LARGEST_ID else None
        if song is None:
            raise UnknownSong(song_id)
        moderated = origin is not None and origin.moderator and await is_here(song, by.platform, origin, unit=unit)
        if not moderated and not await is_owner(song, by, unit=unit):
            raise UnknownSong(song_id)
        return song

    return await stop_song(await deps.read(load_song), deps=deps)


async def stop_song(song: SongRow, *, deps: Deps) -> bool:
    """End a song whoever works on it; False when it had already ended."""
    if not await deps.commit(lambda unit: unit.songs.cancel(song.id, now=deps.clock.now())):
        return False
    await photos.remove(song.session_id, deps=deps)
    stage = STAGE_OF.get(song.status)
    if stage is not None:
        await deps.queue.abort(stage, song.id, attempt=max(song.attempts - 1, 0), platform=song.source)
    return True
