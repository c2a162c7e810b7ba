"""The owner's answer to "did the song arrive?"."""

from __future__ import annotations

from handlers.delivery import outbox
from handlers.deps import Deps
from handlers.events import Sender
from handlers.songs.access import own_song
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork


async def send_again(song_id: int, by: Sender, *, deps: Deps) -> bool:
    """It did not arrive: send it as a new message. False when that was settled before. Raises UnknownSong."""

    async def reopen_delivery(unit: UnitOfWork) -> str | None:
        song = await own_song(song_id, by, unit=unit)
        now = deps.clock.now()
        if not await unit.songs.reopen(song_id, now=now):
            return None
        await unit.outbox.restart(song_id, "song", nonce=outbox.new_nonce("song"), now=now)
        await unit.outbox.restart(song_id, "notice", nonce=outbox.new_nonce("notice"), now=now)
        return song.source

    source = await deps.commit(reopen_delivery)
    if source is None:
        return False
    await deps.queue.put("deliver", song_id, attempt=deps.limits.max_attempts, platform=source)
    return True


async def confirm_arrival(song_id: int, by: Sender, *, deps: Deps) -> bool:
    """It is there: nothing more to do. False when that was settled before. Raises UnknownSong."""

    async def mark_delivered(unit: UnitOfWork) -> bool:
        await own_song(song_id, by, unit=unit)
        return await unit.songs.advance(
            song_id,
            lease=None,
            from_states=(SongState.AMBIGUOUS,),
            to=SongState.DELIVERED,
            now=deps.clock.now(),
        )

    return await deps.commit(mark_delivered)
