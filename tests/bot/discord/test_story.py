"""The whole story on Discord with the real face reader and engine: from first contact to a song that listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.arq_worker import make_worker, working
from handlers.drafting import draft_song
from handlers.rendering import render_song
from pipeline.backends.deepface_reader import DeepFaceReader
from pipeline.backends.deepface_weights import build_weights
from pipeline.backends.sketch.composer import SketchComposer
from storage.states import State
from tests.bot.discord.stage import Stage, labels, room
from tests.discord_server import Channel, File, Hands, Message

PHOTO = File("me.jpg", Path("samples/eileen_collins.jpg").read_bytes())


@pytest.fixture
async def workshop(stage: Stage, tmp_path: Path) -> AsyncIterator[Stage]:
    """The chat process and both workers, each on its real queue."""
    build_weights(tmp_path / "deepface")
    process = stage.process
    async with DeepFaceReader(tmp_path / "deepface", detector="auto") as reader:
        draft = partial(draft_song, desk=process.desk, reader=reader, writer=None)
        music = partial(render_song, desk=process.desk, composers=[SketchComposer()])
        async with (
            working(partial(make_worker, "draft", "", draft, process, max_jobs=1)),
            working(partial(make_worker, "music", "", music, process, max_jobs=1)),
            stage.serving(),
        ):
            yield stage


async def heard(stage: Stage, place: Channel, *, times: int) -> Message:
    """Wait for the song of this number; its card is gone by then."""
    await stage.until_song(State.DELIVERED, number=times, within=60)
    song = stage.song_message(times)
    assert song is not None
    await stage.server.until(lambda: [m for m in stage.bot_messages(place) if m.embeds][-1] is song)
    return song


async def test_from_first_contact_to_a_song_that_listens(workshop: Stage, ann: Hands, bob: Hands) -> None:
    server = workshop.server
    place = room(server, ann, bob)

    selfie = await ann.post(place, f"<@{server.world.bot.id}>", files=(PHOTO,))
    greeting = await workshop.said(place)
    await ann.press(greeting, labels(greeting)[0])
    card = await server.until(lambda: next((m for m in workshop.bot_messages(place) if "ancel" in str(m.parts)), None))
    assert card.reply_to is selfie

    song = await heard(workshop, place, times=1)
    assert song.reply_to is selfie
    assert "happy" in song.embeds[0]["description"].lower()
    assert "%" in song.embeds[0]["description"]
    assert song.attachments[0].data.startswith(b"ID3")
    assert song.attachments[1].data.startswith(b"\x89PNG")
    await server.until(lambda: card.deleted)
    assert card.edits > 0

    await bob.press(song, "👍")
    await ann.react(song, "👎")
    await server.until(lambda: labels(song)[:2] == ["👍 1", "👎 1"])

    set_ = await ann.slash(place, "genres set", words="bossa nova")
    await server.until(lambda: set_.shown)
    await ann.press(song, "🔁")
    second = await heard(workshop, place, times=2)
    assert second.reply_to is song
    assert "bossa nova" in second.embeds[0]["description"].lower()
    assert second.attachments[0].data != song.attachments[0].data
