"""The real library's connections to the gateway: identify, resume, shards, intents, and how they break."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord_server import DiscordServer, UserClient
from tests.discord_server.demo_bot import DemoBot, online, pointed_at


@pytest.fixture
def ann(server: DiscordServer) -> UserClient:
    return server.person("ann")


def contents(bot: DemoBot) -> list[str]:
    return [message.content for message in bot.messages]


async def test_missed_messages_are_replayed_after_a_cut_connection(
    server: DiscordServer, ann: UserClient, bot: DemoBot
) -> None:
    dm = server.world.dm(ann.user)
    await ann.post(dm, "one")
    await server.until(lambda: bot.messages)
    await server.gateway.cut()
    await ann.post(dm, "two")
    await ann.post(dm, "three")
    await server.until(lambda: len(bot.messages) == 3)
    assert contents(bot) == ["one", "two", "three"]
    (session,) = server.gateway.sessions
    assert session.resumes == 1
    assert server.gateway.paths == ["/gateway", "/resume"]


async def test_reconnect_request_is_followed_by_resume(server: DiscordServer, ann: UserClient, bot: DemoBot) -> None:
    await server.gateway.ask_to_reconnect()
    (session,) = server.gateway.sessions
    await server.until(lambda: session.resumes)
    await ann.post(server.world.dm(ann.user), "still here")
    await server.until(lambda: bot.messages)


async def test_invalid_session_begins_anew_and_loses_what_came_meanwhile(
    server: DiscordServer, ann: UserClient, bot: DemoBot
) -> None:
    dm = server.world.dm(ann.user)
    await server.gateway.invalidate()
    await ann.post(dm, "lost")
    await server.until(lambda: len(server.gateway.sessions) == 2 and server.gateway.live)
    await ann.post(dm, "heard")
    await server.until(lambda: bot.messages)
    assert contents(bot) == ["heard"]


async def test_session_that_died_while_away_cannot_be_resumed(
    server: DiscordServer, ann: UserClient, bot: DemoBot
) -> None:
    server.gateway.sessions[0].alive = False
    assert server.gateway.sessions[0].connection is not None
    server.gateway.sessions[0].connection.cut()
    await server.until(lambda: len(server.gateway.sessions) == 2)
    assert server.gateway.paths == ["/gateway", "/resume", "/gateway"]


async def test_an_event_comes_twice(server: DiscordServer, ann: UserClient, bot: DemoBot) -> None:
    await ann.post(server.world.dm(ann.user), "again?")
    await server.gateway.redeliver("MESSAGE_CREATE")
    await server.until(lambda: len(bot.messages) == 2)
    assert bot.messages[0].id == bot.messages[1].id


async def test_heartbeats_are_answered(server: DiscordServer) -> None:
    server.gateway.heartbeat_s = 0.02
    async with online(server, DemoBot()) as bot:
        await server.until(lambda: server.gateway.heartbeats > 3)
        await server.until(lambda: bot.latency < 5)


async def test_silent_client_is_closed(server: DiscordServer) -> None:
    server.gateway.patience_s = 0.02
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + "?v=10&encoding=json") as ws,
    ):
        await ws.receive()
        assert (await ws.receive(timeout=5)).data == 4009
    server.take(4009)


async def test_shards_get_their_own_guilds_and_the_first_the_dms(server: DiscordServer, ann: UserClient) -> None:
    rooms = []
    for shard in (0, 1):
        guild = server.world.guild(f"g{shard}", owner=ann.user, shard=(shard, 2))
        rooms.append(server.world.channel(guild, "songs"))
    server.gateway.shards = 2
    async with online(server, DemoBot()) as bot:
        assert sorted(session.shard for session in server.gateway.live) == [(0, 2), (1, 2)]
        assert [guild.shard_id for guild in bot.guilds] == [0, 1]
        for room in (*rooms, server.world.dm(ann.user)):
            await ann.post(room, f"<@{server.world.bot.id}>")
        await server.until(lambda: len(bot.messages) == 3)
        first, second = server.gateway.sessions
        assert [sum(p["t"] == "MESSAGE_CREATE" for p in s.sent) for s in (first, second)] == [2, 1]


async def test_one_process_serves_one_shard(server: DiscordServer, ann: UserClient) -> None:
    guild = server.world.guild("g", owner=ann.user, shard=(0, 2))
    async with online(server, DemoBot(shard_count=2, shard_ids=[1])) as bot:
        assert [session.shard for session in server.gateway.live] == [(1, 2)]
        assert bot.get_guild(guild.id) is None


async def test_content_is_hidden_unless_addressed_to_the_bot(server: DiscordServer, ann: UserClient) -> None:
    room = server.world.channel(server.world.guild("g", owner=ann.user), "songs")
    server.gateway.privileged_allowed = 1 << 15
    intents = discord.Intents.default()
    intents.message_content = True
    async with online(server, DemoBot()) as bot, online(server, DemoBot(intents=intents)) as reader:
        for place in (room, server.world.dm(ann.user)):
            await ann.post(place, "hi")
        await ann.post(room, f"<@{server.world.bot.id}> hi")
        await server.until(lambda: len(bot.messages) == len(reader.messages) == 3)
        assert contents(bot) == ["", "hi", f"<@{server.world.bot.id}> hi"]
        assert contents(reader)[0] == "hi"


async def test_events_come_only_for_their_intents(server: DiscordServer, ann: UserClient) -> None:
    intents = discord.Intents.default()
    intents.guild_reactions = False
    room = server.world.channel(server.world.guild("g", owner=ann.user), "songs")
    dm = server.world.dm(ann.user)
    async with online(server, DemoBot(intents=intents)) as bot:
        for channel in (room, dm):
            message = await ann.post(channel, "x")
            await ann.react(message, "👍")
            await ann.react(message, "👍")
            await ann.unreact(message, "👍")
            await ann.delete(message)
        await server.until(lambda: len(bot.deletions) == 2)
        assert bot.reactions == [("add", "👍", ann.user.id), ("remove", "👍", ann.user.id)]


async def test_privileged_intents_need_leave(server: DiscordServer) -> None:
    intents = discord.Intents.default()
    intents.message_content = True
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with online(server, DemoBot(intents=intents)):
            pass
    assert len(server.take(4014)) == 1


async def test_first_connection_that_fails_kills_a_plain_client(server: DiscordServer) -> None:
    server.gateway.refuse_next = 1
    async with pointed_at(server), discord.Client(intents=discord.Intents.default()) as client:
        with pytest.raises(AttributeError):
            await client.start(server.token)


async def test_first_connection_that_fails_is_tried_again_by_shards(
    server: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.gateway.refuse_next = 1
    with caplog.at_level(logging.CRITICAL, logger="discord"):
        async with online(server, DemoBot()):
            assert server.gateway.paths == ["/gateway", "/gateway"]


IDENTIFY = {"token": "a.bot.token", "intents": 1, "properties": {}}


@pytest.mark.parametrize(
    ("query", "sent", "code"),
    [
        ("v=9&encoding=json", [], 4012),
        ("v=10&encoding=json", [(2, IDENTIFY | {"token": "wrong"})], 4004),
        ("v=10&encoding=json", [(2, IDENTIFY | {"shard": [2, 2]})], 4010),
        ("v=10&encoding=json", [(2, IDENTIFY | {"intents": 1 << 40})], 4013),
        ("v=10&encoding=json", [(2, IDENTIFY), (2, IDENTIFY)], 4005),
        ("v=10&encoding=json", [(3, {})], 4003),
        ("v=10&encoding=json", [(2, IDENTIFY), (99, {})], 4001),
        ("v=10&encoding=json", ["not json"], 4002),
    ],
)
async def test_the_gateway_closes_on_what_it_cannot_accept(
    server: DiscordServer, query: str, sent: list[Any], code: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?{query}") as socket,
    ):
        for item in sent:
            text = item if isinstance(item, str) else json.dumps({"op": item[0], "d": item[1]})
            await socket.send_str(text)
        async with asyncio.timeout(5):
            async for _ in socket:
                pass
        assert socket.close_code == code
    assert len(server.take(code)) == 1


async def test_resume_beyond_what_was_sent_is_refused(server: DiscordServer, bot: DemoBot) -> None:
    resume = {"token": server.token, "session_id": server.gateway.sessions[0].id, "seq": 1000}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + "?v=10&encoding=json") as ws,
    ):
        await ws.send_str(json.dumps({"op": 6, "d": resume}))
        async with asyncio.timeout(5):
            async for _ in ws:
                pass
        assert ws.close_code == 4007
    server.take(4007)
