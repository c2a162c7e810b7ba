"""Who may see a song: its owner anywhere, everyone else where it was delivered. To others it does not exist."""

from __future__ import annotations

from handlers.errors import UnknownSong
from handlers.events import Origin, Sender
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork

LARGEST_ID = 2**63 - 1  # what the database can hold; forged buttons ask for more


async def own_song(song_id: int, by: Sender, *, unit: UnitOfWork) -> SongRow:
    """Give the person's own song, or raise UnknownSong."""
    song = await unit.songs.get(song_id) if 0 < song_id <= LARGEST_ID else None
    if song is None or not await is_owner(song, by, unit=unit):
        raise UnknownSong(song_id)
    return song


async def visible_song(song_id: int, by: Sender, *, origin: Origin, unit: UnitOfWork) -> SongRow:
    """Give a song that this person may see here, or raise UnknownSong."""
    song = await unit.songs.get(song_id) if 0 < song_id <= LARGEST_ID else None
    if song is None:
        raise UnknownSong(song_id)
    if not await is_here(song, by.platform, origin, unit=unit) and not await is_owner(song, by, unit=unit):
        raise UnknownSong(song_id)
    return song


async def is_owner(song: SongRow, by: Sender, *, unit: UnitOfWork) -> bool:
    user = await unit.users.find(by.platform, by.account_id)
    return user is not None and user.id == song.user_id


async def is_here(song: SongRow, platform: str, origin: Origin, *, unit: UnitOfWork) -> bool:
    """Whether the song was begun or delivered in the place where the person is."""
    if song.source != platform or not origin.place:
        return False
    delivery = await unit.outbox.of(song.id, "song")
    refs = (song.reply_to, delivery.message_ref if delivery else None)
    return origin.place in {str(ref["place"]) for ref in refs if ref and "place" in ref}
