"""/queue and /cancel: a person's songs on their way, and their end."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.button_actions import Press
from handlers.request import Call
from handlers.responses import Answer, Button, Reply, Rows, wait_words
from handlers.songs.cancel import cancel_song
from handlers.songs.eta import Pace, read_pace
from handlers.texts import sentence
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork


async def show_queue(call: Call) -> Answer:
    """List the person's songs on their way, with their place and a button to cancel each."""

    async def look(unit: UnitOfWork) -> tuple[list[SongRow], Pace]:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        ids = await unit.lists.in_work(user.id) if user else []
        songs = [await unit.songs.get(song_id) for song_id in ids]
        return [song for song in songs if song is not None], await read_pace(unit)

    songs, pace = await call.deps.read(look)
    if not songs:
        return Answer(Reply(sentence(call.locale, "queue_none", waiting=len(pace.waiting))))
    lines = [_place(song, pace, call.locale) for song in songs]
    return Answer(Reply("\n".join(lines), _cancel_rows(songs, call.locale)))


async def cancel(call: Call) -> Answer:
    """Cancel the song with this id, the only one on its way, or ask which."""
    song_id = call.number("id")
    if song_id is None:
        listed = await show_queue(call)
        assert listed.reply is not None
        if len(listed.reply.buttons) != 1:
            return listed
        song_id = await _only_song(call)
    return Answer(await cancelled(song_id, call))


async def cancelled(song_id: int, call: Call) -> Reply:
    """Cancel a song and say whether that came in time. Raises UnknownSong."""
    done = await cancel_song(song_id, by=call.by, deps=call.deps, origin=call.origin)
    return Reply(sentence(call.locale, "song_cancelled" if done else "already_ended", id=song_id))


async def _only_song(call: Call) -> int:
    async def look(unit: UnitOfWork) -> int:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        ids = await unit.lists.in_work(user.id) if user else []
        return ids[0] if ids else 0

    return await call.deps.read(look)


def _place(song: SongRow, pace: Pace, locale: str) -> str:
    stage = sentence(locale, f"stage_{song.status.value}")
    minutes = pace.minutes(song.id, song.duration_sec or 30.0)
    wait = "–" if minutes is None else wait_words(locale, minutes)
    return sentence(locale, "queue_line", id=song.id, stage=stage, ahead=pace.ahead(song.id), wait=wait)


def _cancel_rows(songs: Sequence[SongRow], locale: str) -> Rows:
    label = sentence(locale, "button_cancel")
    return tuple((Button(f"{label} #{song.id}", Press("cancel", song.id).token, "bad"),) for song in songs[:5])
