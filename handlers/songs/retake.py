"""🔁 and Try again: a new take of a song for its owner."""

from __future__ import annotations

from dataclasses import replace

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Sender
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.songs.access import own_song
from handlers.songs.create import CreatedSong, NewSong, create_song
from storage.repositories.emotions import EmotionRow
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork


async def take_again(
    song_id: int,
    by: Sender,
    reply_to: dict[str, str],
    key: str | None,
    *,
    deps: Deps,
    locale: str = "en",
    in_group: bool = False,
) -> int:
    """Begin a new take with the same mood, a new seed and today's taste; return its id.

    The same key again gives the same take. Raises UnknownSong (also for songs of others) and Refused:
    no_mood_yet when the photo was never read, too_many_in_work, too_many_today.
    """

    async def load_song(unit: UnitOfWork) -> tuple[SongRow, EmotionRow | None]:
        song = await own_song(song_id, by, unit=unit)
        return song, await unit.emotions.latest(song.session_id)

    song, mood = await deps.read(load_song)
    options = replace(from_json(SongOptions, song.options), seed=None, locale=locale, interactive=True)
    if mood is None and options.mood is None:
        raise Refused("no_mood_yet", id=song_id)

    async def copy_mood(unit: UnitOfWork, created: CreatedSong) -> None:
        if mood is not None:
            await unit.emotions.add(
                session_id=created.session_id,
                emotion=mood.emotion,
                confidence=mood.confidence,
                extra=mood.extra,
                now=deps.clock.now(),
            )

    status = SongState.RECEIVED if mood is None else SongState.DRAFTING  # a mood that is known is not read again
    new_song = NewSong(by, reply_to, options, key, in_group, status, take_of=song.id)
    created = await create_song(new_song, copy_mood, deps=deps)
    if created.new:
        await deps.queue.put("draft", created.song_id, attempt=0, platform=by.platform)
    return created.song_id
