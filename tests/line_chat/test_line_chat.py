"""What the story does not tell of the third platform: each of its parts, with no worker and no engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.events import MoodNamed, Sender
from handlers.intake.consent import accept
from handlers.intake.named_mood import receive_mood
from handlers.jobs.draft import draft_song
from handlers.song_options import SongOptions
from pipeline.faces.read_mood import ClipFaces, Faces
from storage.media import media_path
from storage.repositories.song_rows import SongRow
from storage.song_states import ENDS, SongState
from storage.unit_of_work import UnitOfWork
from tests.bot.waiting import until
from tests.line_chat.adapter import PLACE, PLATFORM
from tests.line_chat.person import Person, Seen, present
from tests.line_chat.room import Room, open_room

ANN = Sender(PLATFORM, "ann", "ann")
HUM = b"OggS" + bytes(500)


class NoReader:
    """An emotion reader for songs whose mood was named."""

    async def photo_faces(self, data: bytes) -> Faces:
        raise AssertionError("no photo is to be read")

    async def clip_faces(self, data: bytes) -> ClipFaces:
        raise AssertionError("no video is to be read")


@pytest.fixture
async def room(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(sqlite_url, tmp_path) as room:
        await accept(ANN, deps=room.process.deps)
        yield room


@pytest.fixture
async def ann(room: Room) -> AsyncIterator[Person]:
    async with present("ann", room.port) as ann:
        yield ann


async def finished(room: Room) -> int:
    """Make a song of Ann's up to its delivery, files included, and queue that."""
    deps = room.process.deps
    event = MoodNamed(ANN, "happy", {"place": PLACE}, SongOptions(interactive=True), "m1", in_group=True)
    song_id = await receive_mood(event, deps=deps)
    await draft_song(song_id, deps=deps, reader=NoReader(), writer=None)
    song = await deps.read(lambda unit: unit.songs.get(song_id))
    assert song is not None
    audio, waveform = (media_path(song.user_id, song.session_id, "0" * 32, kind) for kind in ("mp3", "png"))
    await deps.media.put(audio, b"ID3")
    await deps.media.put(waveform, b"\x89PNG")

    async def move(unit: UnitOfWork) -> bool:
        now, states = deps.clock.now(), (SongState.QUEUED,)
        return await unit.songs.advance(
            song_id, lease=None, from_states=states, to=SongState.DELIVERING, now=now,
            audio_path=audio, waveform_path=waveform, duration_sec=30.0, model="sketch",
        )  # fmt: skip

    assert await deps.commit(move)
    await deps.queue.put("deliver", song_id, attempt=0, platform=PLATFORM)
    return song_id


async def ended(room: Room, song_id: int) -> SongRow:
    async def look() -> SongRow | None:
        song = await room.process.deps.read(lambda unit: unit.songs.get(song_id))
        return song if song is not None and song.status in ENDS else None

    return await until(look, "the song's end")


async def shown(person: Person, text: str) -> Seen:
    """Wait for a message that says so."""

    async def look() -> Seen | None:
        return next((message for message in person.messages if text in message.text), None)

    return await until(look, text)


async def test_a_hummed_melody_is_kept_and_what_is_none_is_refused(ann: Person) -> None:
    assert "melody" in (await ann.answer(ann.sends("hum", HUM))).text
    assert "no recording" in (await ann.answer(ann.sends("hum", b"hello"))).text
    assert "empty" in (await ann.answer(ann.types("hum ====x"))).text


async def test_words_get_a_pointer_and_unknown_commands_and_buttons_a_sentence(ann: Person) -> None:
    assert "no picture" in await ann.asks("hello")
    assert "/help" in await ann.asks("/dance")
    assert "/" in await ann.asks("press 99 1")


async def test_a_song_begins_and_is_cancelled_by_its_card(room: Room, ann: Person) -> None:
    card = await ann.answer(ann.types("/mood happy"))
    assert card.is_card
    ann.presses(card, "Cancel")
    assert (await ended(room, 1)).status == SongState.CANCELLED


async def test_a_delivered_song_takes_stars(room: Room, ann: Person) -> None:
    song_id = await finished(room)
    await ended(room, song_id)
    (song,) = [message for message in ann.messages if message.files]
    stars = await ann.answer(ann.presses(song, "⭐"))
    assert stars.buttons == ["0", "1", "2", "3", "4", "5"]
    ann.presses(stars, "4")
    await shown(ann, "4")
    assert await room.process.deps.read(lambda unit: unit.votes.of(song_id, 1)) is not None


async def test_what_is_for_one_person_is_printed_to_them_alone(room: Room, ann: Person) -> None:
    async with present("bob", room.port) as bob:
        await bob.asks("/help")
        await ann.asks("/privacy")
        menu = ann.messages[-1]
        before = bob.last
        bob.types(f"press {menu.number} 1")
        assert (await bob.answer(before)).text != menu.text
        assert menu.number not in [message.number for message in bob.messages]


async def test_a_song_for_an_empty_room_is_kept_for_its_listener(room: Room) -> None:
    song_id = await finished(room)
    assert (await ended(room, song_id)).status == SongState.DELIVERED
    async with present("ann", room.port) as ann:
        assert f"#{song_id}" in await ann.asks("/history")
        assert not [message for message in ann.messages if message.files]


async def test_a_strange_name_is_hung_up_on(room: Room) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
    writer.write("Ann Müller\n".encode())
    assert await reader.read() == b""
    writer.close()
