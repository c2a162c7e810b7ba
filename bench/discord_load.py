"""500 people post a selfie on Discord at once: how long until they are answered, and until their card shows the mood.

Meanwhile somebody types a command four times a second: how long until it is acknowledged.

Discord is the tests' local server with its limit of 50 requests a second; chat process and draft worker are real.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.measure import Row, percentile
from bot.cli.database import make_ready
from bot.cli.embedded_redis import embedded_redis, stop
from bot.settings import Settings
from bot.wiring import open_deps
from handlers.events import Sender
from handlers.intake.consent import accept
from tests.discord_server import Channel, DiscordServer, File, UserClient

PEOPLE = 500
PATIENCE_S = 1800.0  # one photo a second on a busy machine
LOOK_EVERY_S = 0.02
ASK_EVERY_S = 0.25
MOOD = "Mood:"  # how a card's line about the mood begins


async def measure(photo: Path, folder: Path, home: Path) -> list[Row]:
    data = await asyncio.to_thread(photo.read_bytes)
    async with embedded_redis() as redis_url, DiscordServer().running() as server:
        people = [server.person(f"person{number}") for number in range(PEOPLE)]
        settings = Settings.model_validate({"data_dir": folder, "deepface_home": home})
        await make_ready(settings)
        async with open_deps(settings) as deps:
            for person in people:
                await accept(Sender("discord", str(person.user.id), person.user.name), deps=deps)
        environment = _environment(server, folder, home, redis_url)
        async with process("run", env=environment) as chat, process("worker", "draft", env=environment):
            await server.until(lambda: server.gateway.live and server.world.commands, within=60)
            memory = asyncio.create_task(_peak_mb(chat))
            asking = asyncio.create_task(_ask(server))
            answered, mood = await _post(server, people, File("me.jpg", data))
            asking.cancel()
            acknowledged = await asking
            memory.cancel()
            peak_mb = max(await memory)
    return [
        Row(f"Discord, {PEOPLE} at once: until answered, p50", percentile(answered, 0.5), "s"),
        Row(f"Discord, {PEOPLE} at once: until answered, p99", percentile(answered, 0.99), "s", note="50 requests/s"),
        Row(f"Discord, {PEOPLE} at once: until the mood, p50", percentile(mood, 0.5), "s"),
        Row(f"Discord, {PEOPLE} at once: until the mood, p99", percentile(mood, 0.99), "s", note="one draft worker"),
        Row("Discord, meanwhile: until a command is acknowledged, p50", percentile(acknowledged, 0.5), "s"),
        Row("Discord, meanwhile: until a command is acknowledged, p99", percentile(acknowledged, 0.99), "s", goal=1.0),
        Row("Discord: peak memory of the chat process", peak_mb, "MB", goal=150),
    ]


def _environment(server: DiscordServer, folder: Path, home: Path, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DISCORD_TOKEN": server.token,
        "DISCORD_API_URL": server.api_url,
        "DISCORD_GATEWAY_URL": server.gateway_url,
        "DATA_DIR": str(folder),
        "DEEPFACE_HOME": str(home),
        "REDIS_URL": redis_url,
    }


@asynccontextmanager
async def process(*arguments: str, env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", *arguments, env=env)
    try:
        yield process
    finally:
        await stop(process, grace_s=20)


async def _post(server: DiscordServer, people: list[UserClient], photo: File) -> tuple[list[float], list[float]]:
    """Post for everyone; give the seconds until each was answered, and until each card had its mood."""
    rooms = {server.world.dm(person.user): person for person in people}
    began = time.perf_counter()
    await asyncio.gather(*(person.post(room, files=(photo,)) for room, person in rooms.items()))
    answered: dict[Channel, float] = {}
    mood: dict[Channel, float] = {}
    async with asyncio.timeout(PATIENCE_S):
        while len(mood) < len(rooms):
            await asyncio.sleep(LOOK_EVERY_S)
            passed = time.perf_counter() - began
            for message in list(server.world.messages.values()):
                if message.author is server.world.bot:
                    answered.setdefault(message.channel, passed)
                    if MOOD in message.content:
                        mood.setdefault(message.channel, passed)
    return list(answered.values()), list(mood.values())


async def _ask(server: DiscordServer) -> list[float]:
    """Type a command again and again until cancelled; give the seconds until each was acknowledged."""
    person, asked = server.person("asking"), []
    room = server.world.dm(person.user)
    try:
        while True:
            asked.append(await person.slash(room, "help"))
            await asyncio.sleep(ASK_EVERY_S)
    except asyncio.CancelledError:
        now = server.clock.now()
        return [each.answered_after if each.answer else now - each.created_at for each in asked]


async def _peak_mb(process: asyncio.subprocess.Process) -> list[float]:
    """Watch the resident memory until cancelled."""
    seen, watched = [0.0], psutil.Process(process.pid)
    try:
        while True:
            seen.append(watched.memory_info().rss / 1e6)
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        return seen
