"""A mood that was named instead of read: a song without a photo."""

from __future__ import annotations

from dataclasses import replace

from handlers.deps import Deps
from handlers.events import MoodNamed
from handlers.songs.create import Beginning, Begun, begin_song
from storage.unit_of_work import UnitOfWork


async def receive_mood(event: MoodNamed, *, deps: Deps) -> int:
    """Begin a song for a named mood and return its id. Raises Refused as `receive_selfie` does."""

    async def nothing(unit: UnitOfWork, begun: Begun) -> None:
        del unit, begun

    options = replace(event.options, mood=event.label)
    start = Beginning(event.sender, event.reply_to, options, event.key, event.slow_card)
    begun = await begin_song(start, nothing, deps=deps)
    if begun.new:
        await deps.queue.put("draft", begun.song_id, attempt=0, platform=event.sender.platform)
    return begun.song_id
