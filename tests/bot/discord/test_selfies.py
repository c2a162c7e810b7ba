"""Selfies arrive by every way there is, once each, and nothing is read before its sender agreed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import cast

import pytest

from storage.song_states import SongState
from tests.bot.discord.chat_fixture import SELFIE, ChatFixture, room
from tests.discord_server import Channel, DiscordServer, File, UserClient

NO_PICTURE = File("notes.txt", b"hello")


def mention(server: DiscordServer) -> str:
    return f"<@{server.world.bot.id}>"


@pytest.fixture
async def place(server: DiscordServer, ann: UserClient, bob: UserClient) -> Channel:
    return room(server, ann, bob)


@pytest.fixture
async def ready(place: Channel, stage: ChatFixture, ann: UserClient, bob: UserClient) -> ChatFixture:
    """Both people have accepted, and both are in one server."""
    await stage.accepted(ann, bob)
    return stage


async def test_direct_message(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        selfie = await ann.post(dm, "make it slow", files=(SELFIE,))
        card = await ready.said(dm)
        song = await ready.until_song(SongState.RECEIVED)
        assert card.reply_to is selfie
        assert (song.options or {})["note"] == "make it slow"
        assert song.source == "discord"


async def test_short_video(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        clip = b"\0\0\0\x18ftypmp42" + bytes(500)
        await ann.post(ready.server.world.dm(ann.user), files=(File("me.mp4", clip),))
        song = await ready.until_song(SongState.RECEIVED)
        (kept,) = await ready.process.deps.read(lambda unit: unit.assets.of_session(song.session_id))
        assert kept.mime == "video/mp4"


async def test_mention_in_a_server(ready: ChatFixture, place: Channel, ann: UserClient) -> None:
    async with ready.serving():
        await ann.post(place, "just a picture for my friends", files=(SELFIE,))
        await ann.post(place, f"{mention(ready.server)} sing", files=(SELFIE,))
        await ready.said(place)
        (song,) = await ready.songs()
        assert (song.options or {})["note"] == "sing"


async def test_named_channel_takes_every_picture(ready: ChatFixture, place: Channel, ann: UserClient) -> None:
    ready.server.gateway.privileged_allowed = 1 << 15
    async with ready.serving(selfie_channels="#songs, 123"):
        await ann.post(place, "no picture")
        await ann.post(place, files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
        await ready.said(place)
        assert len(ready.bot_messages(place)) == 1


async def test_slash_command_with_a_photo(ready: ChatFixture, place: Channel, bob: UserClient) -> None:
    async with ready.serving():
        asked = await bob.slash(place, "selfie", photo=SELFIE, note="for a rainy day")
        song = await ready.until_song(SongState.RECEIVED)
        assert (song.options or {})["note"] == "for a rainy day"
        await ready.said(place)
        await ready.server.until(lambda: asked.original is not None and asked.original.deleted)
        assert asked.answered_after < 1


async def test_slash_command_with_something_else_than_a_photo(
    ready: ChatFixture, place: Channel, bob: UserClient
) -> None:
    async with ready.serving():
        asked = await bob.slash(place, "selfie", photo=NO_PICTURE)
        await ready.server.until(lambda: asked.shown)
        assert "no picture" in asked.shown[0].content
        assert asked.shown[0].only_for is bob.user


async def test_menu_of_somebodys_message(ready: ChatFixture, place: Channel, ann: UserClient, bob: UserClient) -> None:
    async with ready.serving():
        above = await ann.post(place, files=(SELFIE,))
        await bob.context_menu(place, "Make a song", above)
        song = await ready.until_song(SongState.RECEIVED)
        assert song.username == "bob"
        assert (await ready.said(place)).reply_to is above


async def test_signed_address_that_has_ended(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        posted = await ann.post(dm, files=(SELFIE,))
        ready.server.world.files.pop(posted.attachments[0].id)
        assert "send it once more" in (await ready.said(dm)).content


async def test_word_without_a_picture_gets_help_in_direct_messages_only(
    ready: ChatFixture, place: Channel, ann: UserClient, bob: UserClient
) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        await ann.post(place, "hello everyone")
        await ann.post(dm, "hello")
        assert "/selfie" in (await ready.said(dm)).content
        await bob.post(place, mention(ready.server))
        assert "/selfie" in (await ready.said(place)).content
        assert len(ready.bot_messages(place)) == 1


async def test_server_that_the_library_does_not_know_yet_is_no_direct_message(
    ready: ChatFixture, ann: UserClient
) -> None:
    async with ready.serving():
        unknown = room(ready.server, ann)
        await ann.post(unknown, "hello")
        await ann.post(ready.server.world.dm(ann.user), "hello")
        await ready.said(ready.server.world.dm(ann.user))
        assert ready.bot_messages(unknown) == []


async def test_two_hundred_selfies_hold_no_button_up(
    stage: ChatFixture, server: DiscordServer, bob: UserClient
) -> None:
    people = [server.person(f"p{n}") for n in range(200)]
    place = room(server, bob)
    await stage.accepted(*people)
    server.faults.per_second = None
    server.clock.stop()  # order is what is tested: a busy machine must not fail it
    async with stage.serving():
        song = await stage.delivered(bob.user, place)
        await asyncio.gather(*(p.post(server.world.dm(p.user), files=(SELFIE,)) for p in people))
        asked = []
        for _ in range(10):
            asked += [await bob.press(song, "👍"), await bob.slash(place, "queue"), await bob.slash(place, "help")]
            asked.append(await bob.complete(place, "genres add", "words", "la"))
            await asyncio.sleep(0.1)
        await server.until(lambda: all(each.answer for each in asked))
        assert await stage.process.deps.read(lambda unit: unit.songs.get(201)) is None  # they did not wait for all
        await stage.until_song(SongState.RECEIVED, number=201, within=60)
        assert len(await stage.songs()) == 201


HUMMED = File("voice-message.ogg", b"OggS la la")
MELODY = hashlib.md5(HUMMED.data).hexdigest()


async def melody_of(stage: ChatFixture, number: int) -> str | None:
    song = await stage.until_song(SongState.RECEIVED, number=number)
    return cast("dict[str, str | None]", song.options)["melody"]


async def test_a_sound_in_answer_to_a_song_is_for_the_next_one(
    ready: ChatFixture, place: Channel, ann: UserClient
) -> None:
    async with ready.serving():
        song = await ready.delivered(ann.user, place)
        hummed = await ann.post(place, mention(ready.server), files=(HUMMED,), reply_to=song)
        answer = await ready.server.until(lambda: next((m for m in ready.bot_messages() if m.reply_to is hummed), None))
        assert "Your next song follows this melody" in answer.content
        await ann.slash(place, "selfie", photo=SELFIE)
        assert await melody_of(ready, 2) == MELODY
        await ann.slash(place, "selfie", photo=SELFIE)
        assert await melody_of(ready, 3) is None


async def test_a_sound_below_the_word_is_a_melody_and_another_is_not(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        await ann.post(dm, files=(HUMMED,))
        assert "I also understand" in (await ready.said(dm)).content
        assert ready.server.downloads == []
        await ann.post(dm, "Hum", files=(HUMMED,))
        assert "this melody" in (await ready.said(dm, times=2)).content


async def test_slash_command_with_a_melody(ready: ChatFixture, place: Channel, ann: UserClient) -> None:
    async with ready.serving():
        await ann.slash(place, "selfie", photo=SELFIE, melody=HUMMED)
        assert await melody_of(ready, 1) == MELODY
        asked = await ann.slash(place, "selfie", photo=SELFIE, melody=NO_PICTURE)
        await ready.server.until(lambda: asked.shown)
        assert "no recording" in asked.shown[0].content
        assert len(await ready.songs()) == 1
