"""🔁: a new take for the owner."""

from __future__ import annotations

import pytest

from handlers.errors import Refused, UnknownSong
from handlers.songs.retake import take_again
from storage.song_states import SongState
from tests.handlers.world import ANN, BOB, HERE, World, photo


async def test_again_is_a_new_take_of_the_same_mood_for_the_owner(world: World) -> None:
    song_id = await world.finished(words="sad 0.81")
    take = await take_again(song_id, ANN, HERE.reply_to, "again-1", deps=world.deps)
    assert await take_again(song_id, ANN, HERE.reply_to, "again-1", deps=world.deps) == take
    reads = len(world.reader.read)
    await world.draft()
    first, second = await world.song(song_id), await world.song(take)
    assert (second.status, second.emotion, second.take_of) == (SongState.QUEUED, "sad", song_id)
    assert first.params is not None
    assert second.params is not None
    assert first.params["seed"] != second.params["seed"]
    assert len(world.reader.read) == reads
    with pytest.raises(UnknownSong):
        await take_again(song_id, BOB, HERE.reply_to, None, deps=world.deps)


async def test_again_without_a_mood_asks_for_the_photo(world: World) -> None:
    song_id = await world.selfie(data=photo(""))
    await world.draft()
    with pytest.raises(Refused) as caught:
        await take_again(song_id, ANN, HERE.reply_to, None, deps=world.deps)
    assert caught.value.code == "no_mood_yet"
