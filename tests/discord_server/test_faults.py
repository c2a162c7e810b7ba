"""Everything that can go wrong on the way, seen from the real library."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord
import pytest

from tests.discord_server import (
    Bucket,
    Channel,
    DiscordServer,
    cut_after,
    cut_before,
    fails,
    held,
    rate_limited,
    silent_after,
)
from tests.discord_server.demo_bot import DemoBot
from tests.discord_server.raw_call import raw_call

CREATE = "POST /channels/*/messages"


@pytest.fixture
def room(server: DiscordServer) -> Channel:
    return server.world.channel(server.world.guild("g", owner=server.person("ann").user), "songs")


@pytest.fixture
def target(room: Channel, bot: DemoBot, caplog: pytest.LogCaptureFixture) -> discord.TextChannel:
    caplog.set_level(logging.CRITICAL, logger="discord")
    found = bot.get_channel(room.id)
    assert isinstance(found, discord.TextChannel)
    return found


def texts(server: DiscordServer) -> list[str]:
    return [message.content for message in server.world.messages.values()]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_429_is_waited_for(server: DiscordServer, target: discord.TextChannel, scope: str) -> None:
    server.faults.on(CREATE, rate_limited(0.01, scope=scope), times=2)
    await target.send("song")
    seen = server.faults.requests(CREATE)
    assert [(s.status, s.scope) for s in seen] == [(429, scope), (429, scope), (200, "")]
    assert texts(server) == ["song"]
    assert server.faults.invalid == (0 if scope == "shared" else 2)


async def test_429_without_via_is_raised_at_once(server: DiscordServer, target: discord.TextChannel) -> None:
    server.faults.on(CREATE, rate_limited(0.01, via=False))
    with pytest.raises(discord.HTTPException) as refused:
        await target.send("song")
    assert refused.value.status == 429
    assert texts(server) == []


async def test_5xx_is_tried_again_but_503_is_not(server: DiscordServer, target: discord.TextChannel) -> None:
    server.faults.on(CREATE, fails(502))
    await target.send("song")
    server.faults.on(CREATE, fails(503))
    with pytest.raises(discord.DiscordServerError):
        await target.send("lost")
    assert [s.status for s in server.faults.requests(CREATE)] == [502, 200, 503]
    assert texts(server) == ["song"]


@pytest.mark.parametrize("posted", [[], ["song"]])
async def test_cut_connection_leaves_the_message_unsent_or_sent(
    server: DiscordServer, target: discord.TextChannel, posted: list[str]
) -> None:
    server.faults.on(CREATE, cut_before() if not posted else cut_after())
    with pytest.raises((aiohttp.ClientError, OSError)):
        await target.send("song", nonce="n1")
    assert texts(server) == posted
    assert server.faults.requests(CREATE)[0].status == 0
    await target.send("song", nonce="n1")
    assert texts(server) == ["song"]


async def test_answer_that_never_comes(server: DiscordServer, target: discord.TextChannel) -> None:
    server.faults.on(CREATE, silent_after())
    waiting = asyncio.create_task(target.send("song", nonce="n1"))
    await server.until(lambda: texts(server))
    assert not waiting.done()
    waiting.cancel()
    (first,) = server.world.messages
    assert (await target.send("song", nonce="n1")).id == first


async def test_held_answer_is_late_by_the_servers_clock(server: DiscordServer, target: discord.TextChannel) -> None:
    gate = asyncio.Event()
    before = server.clock.now()
    server.faults.on(CREATE, held(gate, clock=server.clock, passing=60))
    waiting = asyncio.create_task(target.send("song"))
    await server.until(lambda: server.faults.requests(CREATE))
    assert texts(server) == []
    gate.set()
    await waiting
    assert server.clock.now() - before >= 60


async def test_bucket_headers_keep_the_library_below_the_limit(
    server: DiscordServer, target: discord.TextChannel
) -> None:
    server.faults.buckets.append(Bucket("PATCH /channels/*/messages/*", limit=2, per=0.2))
    card = await target.send("0 %")
    for percent in range(4):
        await card.edit(content=f"{percent} %")
    assert [s.status for s in server.faults.requests("PATCH /channels/*/messages/*")] == [200] * 4


async def test_bucket_refuses_who_does_not_look(server: DiscordServer, room: Channel) -> None:
    server.faults.buckets.append(Bucket(CREATE, limit=1, per=5.0))
    path = f"/channels/{room.id}/messages"
    answers = [await raw_call(server, "POST", path, {"content": "x"}) for _ in range(2)]
    server.clock.advance(5.1)
    answers.append(await raw_call(server, "POST", path, {"content": "x"}))
    assert [status for status, _ in answers] == [200, 429, 200]


async def test_fifty_requests_a_second_are_the_most(server: DiscordServer) -> None:
    server.clock.stop()
    answers = await asyncio.gather(*(raw_call(server, "GET", "/users/@me") for _ in range(60)))
    statuses = [status for status, _ in answers]
    assert (statuses.count(200), statuses.count(429)) == (50, 10)
    assert server.faults.requests("GET *")[-1].scope == "global"
    server.clock.advance(1.1)
    assert (await raw_call(server, "GET", "/users/@me"))[0] == 200
