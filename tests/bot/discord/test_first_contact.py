"""What happens with photos is said once, in the person's language, before the first photo is read."""

from __future__ import annotations

import hashlib

from storage.song_states import SongState
from tests.bot.discord.chat_fixture import JPEG, SELFIE, ChatFixture, labels, room
from tests.discord_server import File, UserClient


async def test_first_contact_is_asked_once_and_nothing_is_read_before(serving: ChatFixture, ann: UserClient) -> None:
    server = serving.server
    dm = server.world.dm(ann.user)
    await ann.post(dm, files=(SELFIE,))
    greeting = await serving.said(dm)
    assert len(greeting.parts) == 1
    assert server.downloads == []
    assert await serving.songs() == []
    await ann.press(greeting, labels(greeting)[0])
    await serving.until_song(SongState.RECEIVED)
    assert len(server.downloads) == 1
    await ann.post(dm, files=(SELFIE,))
    await serving.until_song(SongState.RECEIVED, number=2)
    assert len([m for m in serving.bot_messages(dm) if m.id == greeting.id or m.content == greeting.content]) == 1


async def test_selfie_waits_for_accept_also_through_a_restart(stage: ChatFixture, ann: UserClient) -> None:
    dm = stage.server.world.dm(ann.user)
    async with stage.serving():
        await ann.post(dm, files=(SELFIE,))
        greeting = await stage.said(dm)
    async with stage.serving():
        await ann.press(greeting, labels(greeting)[0])
        song = await stage.until_song(SongState.RECEIVED)
        assert (song.reply_to or {})["message"] == str(next(iter(stage.server.world.messages)))


async def test_all_pictures_and_a_melody_sent_apart_wait_together(serving: ChatFixture, ann: UserClient) -> None:
    dm, photos = serving.server.world.dm(ann.user), tuple(File(f"{n}.jpg", JPEG + bytes([n])) for n in range(3))
    await ann.post(dm, files=photos)
    await ann.post(dm, "hum", files=(File("voice-message.ogg", b"OggS la la"),))
    greeting = await serving.said(dm, times=2)
    assert serving.server.downloads == []
    await ann.press(greeting, "Accept")
    song = await serving.until_song(SongState.RECEIVED)
    assert (song.options or {})["melody"] == hashlib.md5(b"OggS la la").hexdigest()
    kept = await serving.process.deps.read(lambda unit: unit.assets.of_session(song.session_id))
    pictures = [file.md5 for file in kept if file.type == "image"]
    assert pictures == [hashlib.md5(photo.data).hexdigest() for photo in photos]


async def test_accept_pressed_by_somebody_else_stays_for_whom_it_greets(
    serving: ChatFixture, ann: UserClient, bob: UserClient
) -> None:
    place = room(serving.server, ann, bob)
    await ann.post(place, f"<@{serving.server.world.bot.id}>", files=(SELFIE,))
    greeting = await serving.said(place)
    pressed = await bob.press(greeting, "Accept")
    (word,) = await serving.server.until(lambda: pressed.shown)
    assert word.only_for is bob.user
    assert labels(greeting) == ["Accept"]
    await ann.press(greeting, "Accept")
    assert (await serving.until_song(SongState.RECEIVED)).username == "ann"
    assert len(await serving.songs()) == 1


async def test_direct_messages_go_on_in_the_language_that_accepted(serving: ChatFixture) -> None:
    """A direct message carries no language, a press does."""
    lin = serving.server.person("lin", locale="zh-CN")
    dm = serving.server.world.dm(lin.user)
    await lin.post(dm, files=(SELFIE,))
    await lin.press(await serving.said(dm), "Accept")
    await serving.until_song(SongState.RECEIVED)
    second = await lin.post(dm, files=(SELFIE,))
    card = await serving.server.until(lambda: next((m for m in serving.bot_messages(dm) if m.reply_to is second), None))
    assert "收到了" in card.content


async def test_server_speaks_its_own_language_where_it_chose_one(stage: ChatFixture, ann: UserClient) -> None:
    world = stage.server.world
    place = world.channel(world.guild("g", owner=ann.user, locale="zh-TW"), "songs")
    async with stage.serving():
        await ann.post(place, f"<@{world.bot.id}>")
        assert "傳給我" in (await stage.said(place)).content
