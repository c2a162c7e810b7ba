"""Which of several pictures counts."""

from __future__ import annotations

from storage.song_states import SongState
from tests.handlers.world import World, photo


async def test_of_several_pictures_the_first_with_a_face_counts(world: World) -> None:
    song_id = await world.selfie(data=(photo(""), photo("sad 0.8"), photo("happy 0.9")))
    assert len(await world.files()) == 3
    await world.draft()
    assert (await world.song(song_id)).emotion == "sad"
    assert await world.files() == ()
    await world.render(song_id)
    await world.deliver()
    assert "Of your 3 pictures, number 2 was the first with a face." in world.chat.songs[0].text


async def test_no_face_in_any_picture_says_so(world: World) -> None:
    song_id = await world.selfie(data=(b"\xff\xd8\xffrubbish", photo(" "), photo("")))
    world.reader.read.clear()
    await world.draft()
    song = await world.song(song_id)
    assert (song.status, song.error_code) == (SongState.FAILED, "no_face")
    assert await world.files() == ()
