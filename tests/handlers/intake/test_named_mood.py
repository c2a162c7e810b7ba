"""A song for a named mood."""

from __future__ import annotations

from tests.handlers.world import World


async def test_a_named_mood_needs_no_photo(world: World) -> None:
    song_id = await world.mood("angry")
    await world.draft()
    assert (await world.song(song_id)).emotion == "angry"
    assert world.reader.read == []
