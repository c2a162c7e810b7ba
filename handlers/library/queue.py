"""/queue and /cancel: a person's songs on their way, and their end."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.button_actions import ButtonAction
from handlers.request import Request
from handlers.responses import Button, Reply, Response, Rows, wait_words
from handlers.songs.cancel import cancel_song
from handlers.songs.eta import QueueEstimate, estimate_queue
from handlers.texts import sentence
from storage.repositories.song_rows import SongRow
from storage.unit_of_work import UnitOfWork


async def show_queue(request: Request) -> Response:
    """List the person's songs on their way, with their place and a button to cancel each."""

    async def load_queue(unit: UnitOfWork) -> tuple[list[SongRow], QueueEstimate]:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        ids = await unit.song_queries.in_work(user.id) if user else []
        songs = [await unit.songs.get(song_id) for song_id in ids]
        return [song for song in songs if song is not None], await estimate_queue(unit)

    songs, estimate = await request.deps.read(load_queue)
    if not songs:
        return Response(Reply(sentence(request.locale, "queue_none", waiting=len(estimate.waiting))))
    lines = [_queue_line(song, estimate, request.locale) for song in songs]
    return Response(Reply("\n".join(lines), _cancel_rows(songs, request.locale)))


async def cancel(request: Request) -> Response:
    """Cancel the song with this id, the only one on its way, or ask which."""
    song_id = request.number("id")
    if song_id is None:
        listed = await show_queue(request)
        assert listed.reply is not None
        if len(listed.reply.buttons) != 1:
            return listed
        song_id = await _only_song(request)
    return Response(await cancel_and_answer(song_id, request))


async def cancel_and_answer(song_id: int, request: Request) -> Reply:
    """Cancel a song and say whether that came in time. Raises UnknownSong."""
    done = await cancel_song(song_id, by=request.sender, deps=request.deps, origin=request.origin)
    return Reply(sentence(request.locale, "song_cancelled" if done else "already_ended", id=song_id))


async def _only_song(request: Request) -> int:
    async def load_song(unit: UnitOfWork) -> int:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        ids = await unit.song_queries.in_work(user.id) if user else []
        return ids[0] if ids else 0

    return await request.deps.read(load_song)


def _queue_line(song: SongRow, estimate: QueueEstimate, locale: str) -> str:
    stage = sentence(locale, f"stage_{song.status.value}")
    minutes = estimate.minutes(song.id, song.duration_sec or 30.0)
    wait = "–" if minutes is None else wait_words(locale, minutes)
    return sentence(locale, "queue_line", id=song.id, stage=stage, ahead=estimate.ahead(song.id), wait=wait)


def _cancel_rows(songs: Sequence[SongRow], locale: str) -> Rows:
    label = sentence(locale, "button_cancel")
    return tuple(
        (Button(f"{label} #{song.id}", ButtonAction("cancel", song.id).encode(), "bad"),) for song in songs[:5]
    )
