"""The line drops, resumes, begins anew and repeats itself; no selfie is lost or taken twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot.errors import UserError
from storage.song_states import SongState
from tests.bot.discord.chat_fixture import SELFIE, ChatFixture, room
from tests.discord_server import UserClient, fails, silent_after


@pytest.fixture
async def ready(stage: ChatFixture, ann: UserClient) -> ChatFixture:
    await stage.accepted(ann)
    return stage


async def test_selfie_during_a_drop_comes_with_the_resume(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        await ready.server.gateway.cut()
        await ann.post(ready.server.world.dm(ann.user), files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
        assert ready.server.gateway.sessions[0].resumes == 1


async def test_event_that_comes_twice_is_one_song(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        await ann.post(dm, files=(SELFIE,))
        await ready.server.gateway.redeliver("MESSAGE_CREATE")
        await ready.said(dm)
        await asyncio.sleep(0.3)
        assert len(await ready.songs()) == 1
        assert len(ready.bot_messages(dm)) == 1


async def test_selfie_lost_with_an_invalid_session_is_found_in_the_channel(ready: ChatFixture, ann: UserClient) -> None:
    async with ready.serving():
        dm = ready.server.world.dm(ann.user)
        await ann.post(dm, "hello")
        await ready.said(dm)
        await ready.server.gateway.invalidate()
        await ann.post(dm, files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
        assert len(await ready.songs()) == 1


async def test_selfie_that_came_while_no_process_ran(ready: ChatFixture, ann: UserClient) -> None:
    dm = ready.server.world.dm(ann.user)
    async with ready.serving():
        await ann.post(dm, "hello")
        await ready.said(dm)
        await asyncio.sleep(2.2)  # what was heard is written down every 2 s
    await ann.post(dm, files=(SELFIE,))
    async with ready.serving():
        await ready.until_song(SongState.RECEIVED)
        await ready.said(dm, times=2)
        assert len(ready.bot_messages(dm)) == 2


async def test_first_connection_that_fails_is_tried_again(ready: ChatFixture, ann: UserClient) -> None:
    ready.server.faults.on("GET /users/@me", fails(503), times=2)
    async with ready.serving():
        await ann.post(ready.server.world.dm(ann.user), files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
        assert len(ready.server.faults.requests("GET /users/@me")) >= 3


async def test_gateway_that_refuses_the_first_connection_is_tried_again(ready: ChatFixture, ann: UserClient) -> None:
    """First Discord does not say where its gateway is, of which the client dies; then the gateway itself is busy."""
    where = ready.server.faults.on("GET /gateway/bot", fails(503))
    ready.server.gateway.refuse_next = 1
    async with ready.serving():
        await ann.post(ready.server.world.dm(ann.user), files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
    assert (where.left, ready.server.gateway.refuse_next) == (0, 0)


async def test_refused_token_ends_with_a_sentence(stage: ChatFixture) -> None:
    with pytest.raises(UserError, match="discord_token_refused"):
        async with stage.serving(discord_token="wrong.bot.token"):
            pass
    stage.server.take(0)


async def test_missing_intent_ends_with_a_sentence(stage: ChatFixture) -> None:
    with pytest.raises(UserError, match="discord_intent_missing"):
        async with stage.serving(selfie_channels="songs"):
            await asyncio.sleep(5)
    stage.server.take(4014)


async def test_processes_share_the_shards_and_any_of_them_delivers(ready: ChatFixture, ann: UserClient) -> None:
    place = room(ready.server, ann, shard=(1, 2))
    async with (
        ready.serving(discord_shard_count=2, discord_shard_ids="0"),
        ready.serving(discord_shard_count=2, discord_shard_ids="1"),
    ):
        shards = [session.shard for session in ready.server.gateway.live]
        assert sorted(shards) == [(0, 2), (1, 2)]
        await ann.post(place, f"<@{ready.server.world.bot.id}>", files=(SELFIE,))
        await ready.until_song(SongState.RECEIVED)
        song_id = await ready.finished(ann.user, place)
        await ready.deliver(song_id)
        await ready.until_song(SongState.DELIVERED, number=song_id)
        assert len(ready.song_messages(song_id)) == 1
        assert len(await ready.songs()) == 2


async def test_killed_process_that_had_sent_sends_nothing_again(ready: ChatFixture, ann: UserClient) -> None:
    """kill -9 between Discord's taking the song and our noting it; the next process finds it standing there."""
    server = ready.server
    place = room(server, ann)
    song_id = await ready.finished(ann.user, place)
    server.faults.on("POST /channels/*/messages", silent_after())
    redis = ready.process.pool.connection_pool.connection_kwargs
    environment = {
        **os.environ,
        "DISCORD_TOKEN": server.token,
        "DISCORD_API_URL": server.api_url,
        "DISCORD_GATEWAY_URL": server.gateway_url,
        "DATABASE_URL": ready.settings.database,
        "DATA_DIR": str(ready.settings.data_dir),
        "REDIS_URL": f"unix://{redis['path']}",
        "STALE_AFTER_S": "1",
    }
    command = (sys.executable, "-m", "bot", "run")
    first = await asyncio.create_subprocess_exec(*command, env=environment)
    await ready.deliver(song_id)
    await server.until(lambda: ready.song_message(song_id), within=30)
    maps = {Path(each.path).name for each in psutil.Process(first.pid).memory_maps()}
    assert not [name for name in maps if "torch" in name or "onnx" in name or "tensorflow" in name or "cv2" in name]
    first.send_signal(signal.SIGKILL)
    await first.wait()
    server.clock.advance(600)  # Discord has forgotten the nonce
    second = await asyncio.create_subprocess_exec(*command, env=environment)
    await ready.until_song(SongState.DELIVERED, number=song_id, within=40)
    second.send_signal(signal.SIGTERM)
    assert await second.wait() == 0
    assert len(ready.song_messages(song_id)) == 1
    assert len(server.faults.requests("POST /channels/*/messages")) == 1


def test_chat_process_imports_no_model_library() -> None:
    """What a model brings along is hundreds of megabytes that a chat process has no use for."""
    modules = "bot.cli.commands.run, bot.discord.service, bot.cli.main"
    heavy = {"torch", "audiocraft", "deepface", "openai", "cv2", "onnxruntime", "tensorflow", "numpy", "PIL"}
    code = f"import sys, {modules}; print(sorted({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
