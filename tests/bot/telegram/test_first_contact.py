"""What is sent before its sender has accepted waits, whatever way it came, and goes on with the press of Accept."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from handlers.intake.consent import has_accepted
from handlers.intake.pending_selfie import get_pending_selfie, remove_pending_selfie
from storage.repositories.song_rows import SongRow
from tests.bot.telegram.chat_fixture import ChatFixture, sender
from tests.bot.telegram.test_selfies import songs
from tests.telegram_server import Message, Person


def picture(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, shade, shade)).save(file, "JPEG")
    return file.getvalue()


async def accepted(at: ChatFixture, person: Person, greeting: Message) -> SongRow:
    """Let the person press Accept; give the song that follows."""
    assert not at.server.sent("getFile")
    person.presses(greeting, "Accept")
    (song_id,) = await songs(at, person)
    return await at.song(song_id)


async def card_below(at: ChatFixture, sent: Message) -> Message:
    """Wait for the card that answers a message."""
    found = await at.server.until(
        lambda: [m for m in sent.chat.from_bot() if m.reply_to is sent and "Cancel" in m.buttons]
    )
    return found[0]


def downloads(at: ChatFixture) -> list[str]:
    return [call.text("path") for call in at.server.sent("file")]


def largest(at: ChatFixture, sent: Message) -> str:
    return at.server.world.files.by_id[sent.content["photo"][-1]["file_id"]].path


@pytest.mark.parametrize("in_group", [False, True])
async def test_all_pictures_of_an_album_wait_in_their_order(at: ChatFixture, in_group: bool) -> None:
    alice = await at.person(accepted=False)
    chat = at.server.group("Friends", alice, admin=True) if in_group else alice.chat
    async with at.serving():
        await at.server.until(lambda: at.server.sent("getUpdates"))
        parts = alice.sends_album([picture(n) for n in (10, 120, 240)], caption="@selfietune_bot us", to=chat)
        greeting = await at.server.answer(parts[0])
        song = await accepted(at, alice, greeting)
        await card_below(at, parts[0])
    assert downloads(at) == [largest(at, part) for part in parts]
    assert song.options
    assert song.options["note"] == "us"


async def test_a_photo_that_was_answered_with_a_command_waits(at: ChatFixture, selfie: bytes) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob", accepted=False)
    group = at.server.group("Friends", alice)
    async with at.serving():
        photo = alice.sends_photo(selfie, to=group)
        asked = bob.says("/mood sad", to=group, reply_to=photo)
        greeting = await at.server.answer(asked)
        song = await accepted(at, bob, greeting)
        await card_below(at, asked)
    assert downloads(at) == [largest(at, photo)]
    assert song.options
    assert song.options["mood"] == "sad"
    assert not await at.songs_of(alice)


async def test_a_photo_after_start_goes_on_below_either_greeting(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        tour = await at.server.answer(alice.says("/start"))
        photo = alice.sends_photo(selfie, caption="hi")
        second = await at.server.answer(photo)
        song = await accepted(at, alice, tour)
        await card_below(at, photo)
        press = alice.presses(second, "Accept")
        await at.server.until(lambda: press.answers)
    assert [each.id for each in await at.songs_of(alice)] == [song.id]
    assert song.options
    assert song.options["note"] == "hi"


async def test_a_photo_waits_through_a_restart(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        greeting = await at.server.answer(alice.sends_photo(selfie, caption="/mood angry"))
    async with at.serving():
        song = await accepted(at, alice, greeting)
    assert song.options
    assert song.options["mood"] == "angry"
    assert await get_pending_selfie(sender(alice), deps=at.process.deps) is None


async def test_a_press_that_a_restart_broke_off_is_gone_on_with(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    at.server.faults.hang("getFile", after_effect=False)
    async with at.serving(timeout_s=30.0):
        greeting = await at.server.answer(alice.sends_photo(selfie))
        alice.presses(greeting, "Accept")
        await at.server.until(lambda: at.server.sent("getFile"))
    assert not await at.songs_of(alice)
    async with at.serving():
        await songs(at, alice)


async def test_whoever_accepts_below_anothers_greeting_goes_on_with_their_own_photo(
    at: ChatFixture, selfie: bytes
) -> None:
    alice, bob = await at.person("Alice", accepted=False), await at.person("Bob", accepted=False)
    group = at.server.group("Friends", alice)
    async with at.serving():
        his = bob.sends_photo(selfie)
        await at.server.answer(his)
        hers = await at.server.answer(alice.sends_photo(selfie, caption="/mood", to=group))
        await accepted(at, bob, hers)
        await card_below(at, his)
    assert not await at.songs_of(alice)
    assert not await has_accepted(sender(alice), deps=at.process.deps)


async def test_a_photo_that_no_longer_waits_is_found_above_its_greeting(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        photo = alice.sends_photo(selfie)
        greeting = await at.server.answer(photo)
        await remove_pending_selfie(sender(alice), deps=at.process.deps)  # a day has passed
        await accepted(at, alice, greeting)
        await card_below(at, photo)


async def test_a_photo_that_got_lost_while_it_waited_is_asked_for_again(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        photo = alice.sends_photo(selfie)
        greeting = await at.server.answer(photo)
        at.server.faults.fail("file")
        alice.presses(greeting, "Accept")
        await at.server.until(lambda: [m for m in alice.chat.from_bot() if "once more" in m.text])
    assert not await at.songs_of(alice)


async def test_a_hummed_melody_waits_too(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person(accepted=False)
    async with at.serving():
        greeting = await at.server.answer(alice.sends_file("voice", b"OggS la la", caption="hum"))
        alice.presses(greeting, "Accept")
        await at.server.until(lambda: [m for m in alice.chat.from_bot() if "this melody" in m.text])
        alice.sends_photo(selfie)
        (song_id,) = await songs(at, alice)
    options = (await at.song(song_id)).options
    assert options
    assert options["melody"] == hashlib.md5(b"OggS la la").hexdigest()
