"""How much a person may ask for, and how much Discord takes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from bot.wiring import Process
from tests.bot.discord.chat_fixture import JPEG, SELFIE, ChatFixture, room
from tests.discord_server import File, UserClient


@pytest.fixture
async def ready(stage: ChatFixture, ann: UserClient) -> ChatFixture:
    await stage.accepted(ann)
    return stage


async def test_fourth_song_at_once_is_refused_kindly(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        for n in range(4):
            await ann.post(dm, files=(File("me.jpg", JPEG + bytes([n])),))
        await ready.said(dm, times=4)
        (refusal,) = [m.content for m in ready.bot_messages(dm) if "at once" in m.content]
        assert "3 songs" in refusal
        assert "free in about a minute" in refusal
        assert len(await ready.songs()) == 3


async def test_song_above_the_days_measure_is_told_when_the_next_may_begin(ready: ChatFixture, ann: UserClient) -> None:
    deps = ready.process.deps
    few = replace(deps, limits=replace(deps.limits, songs_per_day=2))
    stage = replace(ready, process=Process(few, ready.process.pool))
    async with stage.serving():
        dm = stage.server.world.dm(ann.user)
        for n in range(2):
            await ann.post(dm, files=(File("me.jpg", JPEG + bytes([n])),))
        await stage.said(dm, times=2)
        asked = await ann.slash(dm, "selfie", photo=SELFIE)
        (refusal,) = await stage.server.until(lambda: asked.shown)
        assert refusal.only_for is ann.user
        assert "2 songs" in refusal.content
        assert "begin in 24 hours" in refusal.content
        assert len(await stage.songs()) == 2


async def test_export_that_is_more_than_one_file_may_have_comes_in_several(
    serving: ChatFixture, ann: UserClient
) -> None:
    dm = serving.server.world.dm(ann.user)
    mp3s = [b"ID3" + bytes([n]) * 4_000_000 for n in range(3)]
    for mp3 in mp3s:
        await serving.delivered(ann.user, dm, mp3=mp3)
    asked = await ann.slash(dm, "privacy export")
    await serving.server.until(lambda: len(asked.shown) == 2)
    parts = [message.attachments[0] for message in asked.shown]
    assert [part.filename for part in parts] == ["selfietune-export-1-of-2.zip", "selfietune-export-2-of-2.zip"]
    assert all(message.only_for is ann.user for message in asked.shown)
    unpacked: dict[str, bytes] = {}
    for part in parts:
        with zipfile.ZipFile(io.BytesIO(part.data)) as archive:
            unpacked |= {name: archive.read(name) for name in archive.namelist()}
    assert {unpacked.pop(f"songs/{n}.mp3") for n in (1, 2, 3)} == set(mp3s)
    assert list(unpacked) == ["data.json"]


async def test_boosted_server_takes_a_larger_file(stage: ChatFixture, ann: UserClient) -> None:
    """11 MiB go nowhere else; here they go as they are."""
    place = room(stage.server, ann)
    assert place.guild is not None
    place.guild.premium_tier = 2
    async with stage.serving():
        mp3 = b"ID3" + bytes(11 * 1024 * 1024)
        song = await stage.delivered(ann.user, place, mp3=mp3)
    assert song.attachments[0].data == mp3
