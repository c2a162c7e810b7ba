"""The picture in the music player has the mood's colours."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageColor

from bot.telegram.outgoing.thumbnail import SIDE
from pipeline.catalog.mood_colours import MOOD_ACCENTS, MOOD_COLOURS
from pipeline.values import EMOTION_LABELS, EmotionLabel
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture

NEAR = 12  # of 255; JPEG is not exact


@pytest.mark.parametrize("mood", EMOTION_LABELS)
async def test_a_song_wears_its_moods_colours(at: ChatFixture, mood: EmotionLabel) -> None:
    alice = await at.person()
    song_id = await at.finished(alice, mood=mood)
    async with at.serving():
        await at.deliver(song_id)
        await at.until_state(song_id, SongState.DELIVERED)
    (song,) = alice.chat.from_bot("audio")
    sent = at.server.world.files.by_id[song.content["audio"]["thumbnail"]["file_id"]]
    assert len(sent.data) <= 200_000
    with Image.open(io.BytesIO(sent.data)) as picture:
        assert picture.size == (SIDE, SIDE)
        top, bottom = picture.getpixel((SIDE // 2, 0)), picture.getpixel((SIDE // 2, SIDE - 1))
    assert is_near(top, MOOD_COLOURS[mood])
    assert is_near(bottom, MOOD_ACCENTS[mood])


def is_near(pixel: object, colour: str) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= NEAR for one, other in zip(pixel, ImageColor.getrgb(colour), strict=True))
