"""Every way in which a selfie can come: each begins one song, and what cannot become one is told why."""

from __future__ import annotations

import hashlib
from typing import Any, cast

import pytest

from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.telegram_server import Person


async def songs(at: ChatFixture, person: Person, count: int = 1) -> list[int]:
    """Wait until the person has so many songs."""
    for _ in range(500):
        found = await at.songs_of(person)
        if len(found) >= count:
            return [song.id for song in found]
        await at.process.deps.clock.sleep(0.01)
    raise AssertionError(f"{len(await at.songs_of(person))} songs, not {count}")


@pytest.mark.parametrize("kind", ["photo", "document", "video", "video_note"])
async def test_every_kind_of_picture_becomes_a_song_with_a_card(at: ChatFixture, selfie: bytes, kind: str) -> None:
    alice = await at.person()
    async with at.serving():
        sent = alice.sends_photo(selfie, caption="me") if kind == "photo" else alice.sends_file(kind, selfie)
        card = await at.server.answer(sent)
    (song_id,) = await songs(at, alice)
    song = await at.song(song_id)
    assert song.status == SongState.RECEIVED
    assert song.reply_to == {"place": str(alice.chat.id), "chat": str(alice.chat.id), "message": str(sent.id)}
    assert card.reply_to is sent
    assert any(":cancel:" in token for token in card.buttons.values())


async def test_the_largest_size_of_a_photo_is_what_is_read(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving():
        sent = alice.sends_photo(selfie)
        await songs(at, alice)
    paths = [call.text("path") for call in at.server.sent("file")]
    largest = at.server.world.files.by_id[sent.content["photo"][-1]["file_id"]]
    assert paths == [largest.path]


@pytest.mark.parametrize("webhook", [False, True])
async def test_an_album_is_one_song_with_one_answer(at: ChatFixture, selfie: bytes, webhook: bool) -> None:
    alice = await at.person()
    pictures = [selfie] * 3
    async with at.serving(webhook=webhook):
        await at.server.until(lambda: at.server.sent("setWebhook" if webhook else "getUpdates"))
        await at.server.until(lambda: not webhook or at.server.updates.webhook)
        alice.sends_album(pictures, caption="us")
        await at.server.until(alice.chat.from_bot)
        await at.quiet()
    assert len(await at.songs_of(alice)) == 1
    assert len(alice.chat.from_bot()) == 1
    assert len(at.server.sent("file")) == 3


async def test_before_consent_nothing_is_downloaded_and_accepting_takes_the_photo(
    at: ChatFixture, selfie: bytes
) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        sent = alice.sends_photo(selfie)
        greeting = await at.server.answer(sent)
        assert not at.server.sent("getFile")
        assert not await at.songs_of(alice)
        alice.presses(greeting, "Accept")
        await songs(at, alice)
    assert len(at.server.sent("getFile")) == 1


async def test_a_download_that_fails_asks_for_the_photo_again(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving():
        at.server.faults.fail("file")
        answer = await at.server.answer(alice.sends_photo(selfie))
    assert "once more" in answer.text
    assert not await at.songs_of(alice)


@pytest.mark.parametrize("admin", [False, True])
async def test_in_a_group_an_album_is_called_by_its_caption(at: ChatFixture, selfie: bytes, admin: bool) -> None:
    """Privacy mode shows the called picture alone; an admin sees the whole album."""
    alice = await at.person()
    group = at.server.group("Friends", alice, admin=admin)
    async with at.serving():
        await at.server.until(lambda: at.server.sent("getUpdates"))
        alice.sends_album([selfie] * 3, caption="/mood", to=group)
        await at.server.until(group.from_bot)
        await at.quiet()
    assert len(await at.songs_of(alice)) == 1
    assert len(group.from_bot()) == 1
    assert len(at.server.sent("file")) == (3 if admin else 1)


@pytest.mark.parametrize("call", ["/mood", "/selfie", "/selfie@selfietune_bot", "@selfietune_bot look"])
async def test_in_a_group_a_reply_to_a_photo_calls(at: ChatFixture, selfie: bytes, call: str) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    group = at.server.group("Friends", alice)
    async with at.serving():
        photo = alice.sends_photo(selfie, to=group)
        asked = bob.says(call, to=group, reply_to=photo)
        card = await at.server.answer(asked)
    assert card.reply_to is asked
    assert len(await at.songs_of(bob)) == 1
    assert not await at.songs_of(alice)


@pytest.mark.parametrize("caption", ["/mood", "what says @SelfieTune_bot?"])
async def test_in_a_group_a_caption_calls(at: ChatFixture, selfie: bytes, caption: str) -> None:
    alice = await at.person()
    group = at.server.group("Friends", alice)
    async with at.serving():
        await at.server.answer(alice.sends_photo(selfie, caption=caption, to=group))
    assert len(await at.songs_of(alice)) == 1


async def test_in_a_group_nobody_elses_photo_is_touched(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    group = at.server.group("Friends", alice, admin=True)  # it sees all messages there
    async with at.serving():
        await at.server.until(lambda: at.server.sent("getUpdates"))
        alice.sends_photo(selfie, to=group)
        alice.sends_photo(selfie, caption="/mood@other_bot", to=group)
        alice.says("hello all", to=group)
        alice.says("/weather", to=group)
        await at.quiet()
    assert not at.server.sent("getFile")
    assert not group.from_bot()


async def test_a_mood_below_the_picture_is_taken_at_its_word(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving():
        alice.sends_photo(selfie, caption="/mood sad")
        (song_id,) = await songs(at, alice)
    options = (await at.song(song_id)).options
    assert options
    assert options["mood"] == "sad"


@pytest.mark.parametrize("hummed", ["caption", "reply", "document"])
async def test_a_hummed_melody_is_for_the_next_song(at: ChatFixture, selfie: bytes, hummed: str) -> None:
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        if hummed == "caption":
            sent = alice.sends_file("audio", b"ID3 la la", caption=" Hum ")
        elif hummed == "document":  # what Telegram's player does not take
            sent = alice.sends_file(
                "document", b"fLaC la la", caption="hum", file_name="a.flac", mime_type="audio/flac"
            )
        else:
            sent = alice.sends_file("voice", b"OggS la la", reply_to=song)
        answer = await at.server.answer(sent)
        assert "Your next song follows this melody" in answer.text
        await at.server.answer(alice.sends_photo(selfie))
        await at.server.answer(alice.sends_photo(selfie))
    last, following, first = [cast("dict[str, Any]", song.options)["melody"] for song in await at.songs_of(alice)]
    assert (first, last) == (None, None)
    sounds = {"caption": b"ID3 la la", "document": b"fLaC la la", "reply": b"OggS la la"}
    assert following == hashlib.md5(sounds[hummed]).hexdigest()


async def test_a_sound_that_is_for_nobody_is_left_alone(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        alice.sends_file("voice", b"OggS")
        await at.server.answer(alice.says("/help"))
    assert not at.server.sent("getFile")


@pytest.mark.parametrize(
    ("data", "said", "word"),
    [
        (b"OggS", {"duration": 121}, "121 seconds"),
        (b"OggS", {"file_size": 10_000_001}, "10 MB"),
        (b"\x7fELF", {}, "no recording"),
    ],
)
async def test_a_sound_that_is_no_melody_is_refused(
    at: ChatFixture, data: bytes, said: dict[str, Any], word: str
) -> None:
    alice = await at.person()
    async with at.serving():
        answer = await at.server.answer(alice.sends_file("audio", data, caption="hum", **said))
    assert word in answer.text
    assert len(at.server.sent("getFile")) == (0 if said else 1)


async def test_a_melody_is_taken_only_from_who_has_accepted(at: ChatFixture) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        answer = await at.server.answer(alice.sends_file("voice", b"OggS", caption="hum"))
    assert "May I?" in answer.text
    assert not at.server.sent("getFile")
