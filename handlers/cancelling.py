"""Its owner no longer wants a song: stop it wherever it is."""

from __future__ import annotations

from handlers import photos
from handlers.desk import Desk
from handlers.errors import UnknownSong
from handlers.events import Sender
from handlers.sweeping import STAGE_OF


async def cancel_song(song_id: int, *, by: Sender, desk: Desk) -> bool:
    """Cancel the song; False when it had already ended. Only its owner may: others learn of no such song.

    The row decides: a worker that finishes at the same moment either was first, or finds its lease lost.
    """
    song = await desk.commit(lambda unit: unit.songs.get(song_id))
    owner = await desk.commit(lambda unit: unit.users.find(by.platform, by.account_id))
    if song is None or owner is None or song.user_id != owner.id:
        raise UnknownSong(song_id)
    if not await desk.commit(lambda unit: unit.songs.cancel(song_id, now=desk.clock.now())):
        return False
    await photos.remove(song.session_id, desk=desk)
    stage = STAGE_OF.get(song.status)
    if stage is not None:
        await desk.queue.abort(stage, song_id, attempt=max(song.attempts - 1, 0), platform=song.source)
    return True
