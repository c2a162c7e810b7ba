"""Songs for the command line: one in full, or a listener's last ones in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.deps import Deps
from handlers.errors import UnknownListener, UnknownSong
from handlers.events import Sender
from handlers.serialization import mood_from_json
from pipeline.values import Mood
from storage.repositories.song_rows import HistoryRow, SongRow
from storage.unit_of_work import UnitOfWork

PAGE = 20


@dataclass(frozen=True, slots=True)
class SongStory:
    """Everything the rows tell about one song."""

    song: SongRow
    mood: Mood | None
    events: dict[str, dict[str, Any]]  # the newest payload by agent


async def song_story(song_id: int, *, deps: Deps) -> SongStory:
    """Read one song with its mood and events, or raise UnknownSong."""

    async def load_story(unit: UnitOfWork) -> SongStory:
        song = await unit.songs.get(song_id)
        if song is None:
            raise UnknownSong(song_id)
        mood = await unit.emotions.latest(song.session_id)
        events = await unit.event_log.for_session(song.session_id)
        return SongStory(
            song=song,
            mood=mood_from_json(mood.extra) if mood and mood.extra else None,
            events={event.agent: dict(event.payload or {}) for event in events},
        )

    return await deps.read(load_story)


async def past_songs(sender: Sender, *, deps: Deps, before_id: int | None = None) -> Sequence[HistoryRow]:
    """List the listener's songs, newest first, a page at a time."""

    async def load_page(unit: UnitOfWork) -> Sequence[HistoryRow]:
        user = await unit.users.find(sender.platform, sender.account_id)
        if user is None:
            raise UnknownListener(sender.username)
        return await unit.song_queries.history(user.id, limit=PAGE, before_id=before_id)

    return await deps.read(load_page)
