"""The whole story on Telegram: a selfie becomes a song, a vote and a wish change the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from tests.bot.telegram.stage import Stage
from tests.telegram_server import Message


@asynccontextmanager
async def workers(at: Stage, home: Path) -> AsyncIterator[None]:
    """A draft and a music worker on the real queue, with the real reader and the sketch engine."""
    desk, process = at.process.desk, at.process
    async with DeepFaceReader(home) as reader:
        draft = partial(draft_song, desk=desk, reader=reader, writer=None)
        render = partial(render_song, desk=desk, composers=[SketchComposer()])
        async with (
            working(partial(make_worker, "draft", "", draft, process, max_jobs=2)),
            working(partial(make_worker, "music", "", render, process, max_jobs=1)),
        ):
            yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deepface")
    build_weights(folder)
    return folder


async def test_a_selfie_becomes_a_song_and_a_vote_changes_the_next(at: Stage, selfie: bytes, home: Path) -> None:
    alice = await at.person(accepted=False)

    async def song_for(sent: Message) -> Message:
        song = await at.server.answer(sent, "audio", within_s=60)
        await at.until_state((await at.songs_of(alice))[0].id, State.DELIVERED)
        return song

    async with workers(at, home), at.serving():
        tour = await at.server.answer(alice.says("/start"))
        alice.presses(tour, "Accept")
        await at.server.answer(alice.says("/tempo 70 80"))
        await at.server.answer(alice.says("/avoid heavy drums"))
        first = await song_for(alice.sends_photo(selfie))
        assert "happy" in first.text
        alice.presses(first, "👎")
        await at.server.until(lambda: "👎 1" in first.buttons)
        alice.presses(first, "👍")
        await at.server.until(lambda: "👍 1" in first.buttons)
        letter = alice.sends_file("document", b"Dear bot,", file_name="me.jpg")
        await at.server.until(lambda: any("neither" in m.text for m in alice.chat.from_bot()), within_s=30)
        second = await song_for(alice.sends_photo(selfie))
    assert letter.id < second.id
    mp3s = [at.server.world.files.by_id[song.content["audio"]["file_id"]].data for song in (first, second)]
    assert mp3s[0] != mp3s[1]
    newest, failed, oldest = await at.songs_of(alice)
    assert failed.status == State.FAILED
    for song in (newest, oldest):
        assert song.brief
        assert 70 <= float(str(song.brief["bpm"])) <= 80
    assert newest.params != oldest.params
    kept = await at.process.desk.media.list()
    assert not [path for path in kept if path.endswith(".selfie")]
