"""A finished song becomes one message: never none, never two, whatever happens on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from mutagen.mp3 import MP3

from bot.clock import SystemClock
from handlers.jobs.sweeper import sweep
from handlers.preferences.store import PreferenceChanges, set_preferences
from pipeline.audio.mp3 import encode
from pipeline.catalog.mood_colours import MOOD_COLOURS
from pipeline.values import Waveform
from storage.song_states import SongState
from tests.bot.discord.chat_fixture import SELFIE, ChatFixture, labels, room, sender
from tests.discord_server import (
    UserClient,
    brings_files,
    cut_after,
    cut_before,
    fails,
    rate_limited,
    refuses,
    silent_after,
)
from tests.discord_server.entities import ATTACH, HISTORY, SEND, VIEW
from tests.discord_server.faults import Behaviour

CREATE = "POST /channels/*/messages"


async def test_song_message_has_everything(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    selfie = await ann.post(place, "me", files=(SELFIE,))
    song = await serving.delivered(ann.user, place, selfie)
    (embed,) = song.embeds
    assert song.reply_to is selfie
    assert [a.filename for a in song.attachments][1:] == ["waveform.png"]
    assert song.attachments[0].filename.endswith(".mp3")
    assert embed["image"]["url"] == "attachment://waveform.png"
    assert embed["color"] == int(MOOD_COLOURS["happy"][1:], 16)
    assert embed["description"]
    assert labels(song) == ["👍", "👎", "🔁 Again", "⋯ Details", "⭐ Rate"]
    assert song.allowed_mentions is not None
    assert song.allowed_mentions["parse"] == []


@pytest.mark.parametrize(
    "fault",
    [
        rate_limited(0.05),
        rate_limited(0.05, scope="global"),
        rate_limited(0.05, via=False),
        fails(503),
        fails(500),
        cut_before(),
        cut_after(),
        silent_after(),
    ],
    ids=["429", "429-global", "429-without-via", "503", "500", "cut-before", "cut-after", "silent-after"],
)
async def test_song_comes_once_through_any_fault(serving: ChatFixture, ann: UserClient, fault: Behaviour) -> None:
    place = room(serving.server, ann)
    serving.server.faults.on(CREATE, fault)
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await pushed(serving, song_id)
    assert len(serving.song_messages(song_id)) == 1


async def pushed(stage: ChatFixture, song_id: int) -> None:
    """Wait until the song is delivered; a sweeper whose time has come pushes what was put off."""
    later = replace(stage.process.deps, clock=Later())
    async with asyncio.timeout(20):
        while (await stage.song(song_id)).status != SongState.DELIVERED:
            await asyncio.sleep(0.1)
            if (await stage.song(song_id)).lease is None:
                await sweep(deps=later)


class Later(SystemClock):
    """A minute and a half ahead."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=95)


async def test_global_limit_beyond_our_patience_silences_us_no_longer_than_it_lasts(
    serving: ChatFixture, ann: UserClient
) -> None:
    """The library itself would wait for ever once the request that met the limit was given up."""
    place = room(serving.server, ann)
    serving.server.faults.on(CREATE, rate_limited(60, scope="global"))
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await pushed(serving, song_id)
    assert len(serving.song_messages(song_id)) == 1


async def test_discord_that_fails_for_a_minute_loses_nothing(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    rule = serving.server.faults.on(CREATE, fails(503), times=10_000)
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await serving.server.until(lambda: len(serving.server.faults.requests(CREATE)) >= 1)
    serving.server.clock.advance(60)
    rule.left = 0
    await pushed(serving, song_id)
    assert len(serving.song_messages(song_id)) == 1


async def test_what_was_sent_before_the_nonce_was_forgotten_is_found_in_the_channel(
    serving: ChatFixture, ann: UserClient
) -> None:
    """The message stood there, nobody heard so, and Discord has forgotten the nonce when it is sent again."""
    place = room(serving.server, ann)
    serving.server.faults.on(CREATE, silent_after())
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await serving.server.until(lambda: serving.song_message(song_id))
    serving.server.clock.advance(600)
    await pushed(serving, song_id)
    assert len(serving.song_messages(song_id)) == 1
    assert len(serving.server.faults.requests(CREATE)) == 1


async def test_deleted_channel_leads_to_direct_messages(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    await ann.delete_channel(place)
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await serving.until_song(SongState.DELIVERED)
    assert [m.channel for m in serving.song_messages(song_id)] == [serving.server.world.dm(ann.user)]
    serving.server.take(10003)


@pytest.mark.parametrize("denied", [VIEW, SEND, ATTACH])
async def test_closed_channel_leads_to_direct_messages(serving: ChatFixture, ann: UserClient, denied: int) -> None:
    place = room(serving.server, ann)
    await ann.close_channel(place, denied=denied)
    song_id = await serving.finished(ann.user, place)
    await serving.deliver(song_id)
    await serving.until_song(SongState.DELIVERED)
    assert [m.channel for m in serving.song_messages(song_id)] == [serving.server.world.dm(ann.user)]
    serving.server.take(50001 if denied == VIEW else 50013)


@pytest.mark.parametrize("code", [50083, 200000, 240000], ids=["archived", "moderated", "filtered"])
async def test_place_that_does_not_take_the_message_leads_to_direct_messages(
    serving: ChatFixture, ann: UserClient, code: int
) -> None:
    serving.server.faults.on(CREATE, refuses(code))
    song_id = await serving.finished(ann.user, room(serving.server, ann))
    await serving.deliver(song_id)
    await serving.until_song(SongState.DELIVERED)
    assert [m.channel for m in serving.song_messages(song_id)] == [serving.server.world.dm(ann.user)]


async def test_song_without_any_place_is_kept(serving: ChatFixture, ann: UserClient) -> None:
    dm = serving.server.world.dm(ann.user)
    await ann.close_channel(dm)
    song_id = await serving.finished(ann.user, dm)
    await serving.deliver(song_id)
    song = await serving.until_song(SongState.DELIVERED)
    assert serving.song_messages(song_id) == []
    elsewhere = room(serving.server, ann)
    listed = await ann.slash(elsewhere, "history")
    (history,) = await serving.server.until(lambda: listed.shown)
    assert "#1" in history.content
    asked = await ann.slash(elsewhere, "show", id=song_id)
    (shown,) = await serving.server.until(lambda: asked.shown)
    assert shown.attachments[0].data == await serving.process.deps.media.get(song.audio_path or "")
    serving.server.take(50007)


async def test_reply_without_the_right_to_read_history(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    selfie = await ann.post(place, "me")
    await ann.close_channel(place, denied=HISTORY)
    song = await serving.delivered(ann.user, place, selfie)
    assert song.reply_to is None
    serving.server.take(160002)


async def test_selfie_that_was_deleted_meanwhile(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    selfie = await ann.post(place, "me")
    await ann.delete(selfie)
    assert (await serving.delivered(ann.user, place, selfie)).reply_to is None


def seconds(mp3: bytes) -> float:
    info: Any = MP3(BytesIO(mp3)).info
    return float(info.length)


async def test_song_is_encoded_smaller_where_discord_asks_for_it(serving: ChatFixture, ann: UserClient) -> None:
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, (2, 5 * 44_100)).astype(np.float32)
    mp3 = encode(Waveform(noise, 44_100))
    serving.server.messages.file_limit = len(mp3) * 2 // 3
    song = await serving.delivered(ann.user, room(serving.server, ann), mp3=mp3)
    sent = song.attachments[0].data
    assert 0 < len(sent) <= len(mp3) * 2 // 3
    assert seconds(sent) == pytest.approx(seconds(mp3), abs=0.1)
    assert serving.song_messages(1) == [song]
    serving.server.take(40005)


async def test_song_that_the_line_finds_too_large_is_encoded_smaller(serving: ChatFixture, ann: UserClient) -> None:
    """Not Discord says so, but a server before it: 413, and no JSON."""
    serving.server.faults.on(CREATE, fails(413), only=brings_files)
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, (2, 5 * 44_100)).astype(np.float32)
    mp3 = encode(Waveform(noise, 44_100))
    song = await serving.delivered(ann.user, room(serving.server, ann), mp3=mp3)
    assert 0 < len(song.attachments[0].data) < len(mp3)


async def test_failure_is_told_with_another_nonce_than_the_song(serving: ChatFixture, ann: UserClient) -> None:
    place = room(serving.server, ann)
    song_id = await serving.finished(ann.user, place)
    deps = serving.process.deps
    await deps.commit(
        lambda unit: unit.songs.fail(song_id, lease=None, code="render_timeout", facts={}, now=deps.clock.now())
    )
    await serving.deliver(song_id)
    notice = await serving.said(place)
    assert "too long" in notice.content
    assert notice.nonce
    assert notice.nonce.startswith("n")
    await serving.deliver(song_id, attempt=1)
    await asyncio.sleep(0.2)
    assert len(serving.bot_messages(place)) == 1


async def test_genre_that_would_ping_or_hide_a_link(serving: ChatFixture, ann: UserClient) -> None:
    await set_preferences(
        sender(ann.user), PreferenceChanges(genres=("@everyone [x](http://e.vil) **b**",)), deps=serving.process.deps
    )
    song = await serving.delivered(ann.user, room(serving.server, ann))
    shown = song.embeds[0]["title"] + song.embeds[0]["description"]
    assert not song.pings_everyone
    assert "](" not in shown.replace("\\](", "").replace("\\[", "")
