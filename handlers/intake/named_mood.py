"""A mood that was named instead of read: a song without a photo."""

from __future__ import annotations

from dataclasses import replace

from handlers.deps import Deps
from handlers.events import MoodNamed
from handlers.songs.create import CreatedSong, NewSong, create_song
from storage.unit_of_work import UnitOfWork


async def receive_mood(event: MoodNamed, *, deps: Deps) -> int:
    """Begin a song for a named mood and return its id. Raises Refused as `receive_selfie` does."""

    async def add_nothing(unit: UnitOfWork, created: CreatedSong) -> None:
        del unit, created

    options = replace(event.options, mood=event.label)
    new_song = NewSong(event.sender, event.reply_to, options, event.key, event.in_group)
    created = await create_song(new_song, add_nothing, deps=deps)
    if created.new:
        await deps.queue.put("draft", created.song_id, attempt=0, platform=event.sender.platform)
    return created.song_id
