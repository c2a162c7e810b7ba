"""/history: a person's songs in pages, and the last ones to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from handlers.button_actions import ButtonAction
from handlers.request import Request
from handlers.responses import Button, Reply, Response, shortened
from handlers.serialization import label_from
from handlers.songs.access import LARGEST_ID
from handlers.texts import sentence, song_title
from storage.repositories.song_rows import HistoryRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

PAGE = 5  # songs; with links they fill a message
THUMBS = {"up": " 👍", "down": " 👎", None: ""}


async def show_history(request: Request) -> Response:
    """List the person's songs, newest first, with their vote and a link where the platform makes one."""
    before = request.number("before")
    if before is not None:
        before = min(before, LARGEST_ID)

    async def load_page(unit: UnitOfWork) -> tuple[Sequence[HistoryRow], Mapping[int, Mapping[str, object]]]:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        songs = await unit.song_queries.history(user.id, limit=PAGE + 1, before_id=before) if user else []
        return songs, await unit.outbox.refs_of([song.id for song in songs])

    songs, refs = await request.deps.read(load_page)
    if not songs:
        return Response(Reply(sentence(request.locale, "history_end" if before else "history_none")))
    shown = songs[:PAGE]
    lines = [_history_line(song, refs.get(song.id, {}), request.locale) for song in shown]
    older = Button(sentence(request.locale, "button_older"), ButtonAction("history", 0, str(shown[-1].id)).encode())
    return Response(Reply(shortened("\n".join(lines)), ((older,),) if len(songs) > PAGE else ()))


async def which_song(action: Literal["show", "again"], request: Request) -> Response:
    """Ask which song is meant, with a button for each of the last ones."""

    async def load_songs(unit: UnitOfWork) -> Sequence[HistoryRow]:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        return await unit.song_queries.history(user.id, limit=PAGE) if user else []

    songs = await request.deps.read(load_songs)
    heard = [song for song in songs if song.status == SongState.DELIVERED and song.emotion]
    rows = tuple((Button(_song_label(song, request.locale), ButtonAction(action, song.id).encode()),) for song in heard)
    return Response(Reply(sentence(request.locale, "which_song" if songs else "history_none"), rows))


def _history_line(song: HistoryRow, ref: Mapping[str, object], locale: str) -> str:
    """#12 · Happy lo-fi · 30 s · 1 March 👍 4/5 link"""
    if song.status != SongState.DELIVERED or song.emotion is None:
        state = sentence(locale, f"stage_{song.status.value}")
        return f"#{song.id} · {state} · {song.created_at:%Y-%m-%d}"
    name = _song_label(song, locale)
    score = "" if song.score is None else f" ⭐ {song.score}/5"
    url = f" {ref['url']}" if "url" in ref else ""
    return f"{name} · {song.created_at:%Y-%m-%d}{THUMBS[song.vote]}{score}{url}"


def _song_label(song: HistoryRow, locale: str) -> str:
    """#12 · Happy lo-fi; short enough for a button, of which Discord shows 80 characters."""
    title = song_title(locale, label_from(song.emotion or "neutral"), song.genre or "")
    return f"#{song.id} · {title[:50]}"
