"""A chat process on the local Discord within the test's own process, and songs at any point of their way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
from discord.gateway import DiscordWebSocket

from bot.discord.service import serve_discord
from bot.settings import Settings
from bot.wiring import Process, open_process
from handlers.events import MoodNamed, SelfieReceived, Sender
from handlers.intake.consent import accept
from handlers.intake.named_mood import receive_mood
from handlers.intake.selfie import receive_selfie
from handlers.jobs.draft import draft_song
from handlers.song_options import SongOptions
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores
from pipeline.values import EMOTION_LABELS
from storage.media import media_path
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from tests.discord_server import Channel, DiscordServer, File, Message, User, UserClient
from tests.discord_server.entities import LOADING

JPEG = b"\xff\xd8\xff" + bytes(2000)
PNG = b"\x89PNG" + bytes(500)
SELFIE = File("me.jpg", JPEG)


@contextlib.contextmanager
def addresses_kept() -> Any:
    """Leave the library pointing where it did."""
    old = discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    try:
        yield
    finally:
        discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = old


@dataclass(frozen=True)
class ChatFixture:
    """The local Discord, the database and queue, and what the chat process needs to serve."""

    server: DiscordServer
    process: Process
    settings: Settings

    @contextlib.asynccontextmanager
    async def serving(self, **settings: Any) -> AsyncIterator[asyncio.Task[None]]:
        """Serve Discord while the block lasts, as `selfietune run` does, from the first event on."""
        merged = Settings.model_validate({**self.settings.model_dump(), **settings})
        sessions = len(self.server.gateway.sessions)
        options = {"guild_ready_timeout": 0.05, "identify_pause_s": 0.0, "first_pause_s": 0.05}
        with addresses_kept():
            serve = asyncio.create_task(serve_discord(merged, self.process, **options))
            try:
                await self._until_up(serve, sessions)
                yield serve
            finally:
                serve.cancel()
                await asyncio.gather(serve, return_exceptions=True)

    async def _until_up(self, serve: asyncio.Task[None], sessions: int) -> None:
        server = self.server
        await server.until(lambda: serve.done() or (server.world.commands and len(server.gateway.sessions) > sessions))
        if serve.done():
            serve.result()

    async def song(self, song_id: int) -> SongRow:
        found = await self.process.deps.read(lambda unit: unit.songs.get(song_id))
        assert found is not None
        return found

    async def songs(self) -> list[SongRow]:
        """Give every song, oldest first; ids begin at 1."""
        found: list[SongRow] = []
        while (song := await self.process.deps.read(lambda unit: unit.songs.get(len(found) + 1))) is not None:
            found.append(song)
        return found

    async def until_song(self, status: SongState, *, number: int = 1, within: float = 15) -> SongRow:
        """Wait until the song of this number stands in a state."""
        async with asyncio.timeout(within):
            while True:
                song = await self.process.deps.read(lambda unit: unit.songs.get(number))
                if song is not None and song.status == status:
                    return song
                await asyncio.sleep(0.01)

    async def accepted(self, *people: UserClient) -> None:
        """Let people have accepted what happens with photos."""
        for person in people:
            await accept(sender(person.user), deps=self.process.deps)

    async def finished(
        self, owner: User, channel: Channel, above: Message | None = None, *, mp3: bytes = b"ID3 a song", **options: Any
    ) -> int:
        """Make a song up to `delivering`, its files included, without queueing its delivery."""
        deps = self.process.deps
        event = MoodNamed(sender(owner), "happy", address(channel, above), SongOptions(**options))
        song_id = await receive_mood(event, deps=deps)
        await draft_song(song_id, deps=deps, reader=Unsure(), writer=None)
        await self.finish(song_id, mp3=mp3)
        return song_id

    async def finish(self, song_id: int, *, mp3: bytes = b"ID3 a song") -> None:
        """Bring a drafted song to `delivering`, its files included."""
        deps, song = self.process.deps, await self.song(song_id)
        audio, waveform = (media_path(song.user_id, song.session_id, "0" * 32, kind) for kind in ("mp3", "png"))
        await deps.media.put(audio, mp3)
        await deps.media.put(waveform, PNG)
        await deps.commit(
            lambda unit: unit.songs.advance(
                song_id,
                lease=None,
                from_states=(SongState.QUEUED,),
                to=SongState.DELIVERING,
                now=deps.clock.now(),
                audio_path=audio,
                waveform_path=waveform,
                duration_sec=30.0,
                model="sketch",
            )
        )

    async def deliver(self, song_id: int, *, attempt: int = 0) -> None:
        """Queue the delivery for the process that serves."""
        await self.process.deps.queue.put("deliver", song_id, attempt=attempt, platform="discord")

    async def delivered(self, owner: User, channel: Channel, above: Message | None = None, **more: Any) -> Message:
        """Make and deliver a song; return its message."""
        song_id = await self.finished(owner, channel, above, **more)
        await self.deliver(song_id)
        message = await self.server.until(lambda: self.song_message(song_id))
        await self.until_song(SongState.DELIVERED, number=song_id)
        return message

    def song_messages(self, song_id: int) -> list[Message]:
        """Find the messages that show this song."""
        return [m for m in self.bot_messages() if m.embeds and any(is_of(part, song_id) for part in m.parts)]

    def song_message(self, song_id: int) -> Message | None:
        return next(iter(self.song_messages(song_id)), None)

    def bot_messages(self, channel: Channel | None = None) -> list[Message]:
        """Everything that we wrote and that stands there, private answers included."""
        world = self.server.world
        ours = [m for m in world.messages.values() if m.author is world.bot and not m.deleted and not m.flags & LOADING]
        return [m for m in ours if channel in (None, m.channel)]

    async def said(self, channel: Channel, *, times: int = 1) -> Message:
        """Wait until we have written this often into the channel; return the last message."""
        await self.server.until(lambda: len(self.bot_messages(channel)) >= times)
        return self.bot_messages(channel)[-1]

    async def asking(self, owner: User, channel: Channel) -> int:
        """Make a song whose mood is unsure, so that its card asks."""
        deps = self.process.deps
        event = SelfieReceived(sender(owner), JPEG, address(channel), SongOptions(interactive=True))
        song_id = await receive_selfie(event, deps=deps)
        await draft_song(song_id, deps=deps, reader=Unsure(), writer=None)
        assert (await self.song(song_id)).status == SongState.ASKING
        return song_id

    async def no_photo_is_kept(self) -> bool:
        return not any(path.endswith(".selfie") for path in await self.process.deps.media.list())


def settings_for(server: DiscordServer, database_url: str, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "discord_token": server.token,
            "discord_api_url": server.api_url,
            "discord_gateway_url": server.gateway_url,
            "data_dir": folder,
            "database_url": database_url,
        }
    )


@contextlib.asynccontextmanager
async def process_for(settings: Settings, redis_url: str) -> AsyncIterator[Process]:
    """Open what a chat process needs, with limits that tests need not wait for."""
    async with open_process(settings, redis_url) as opened:
        limits = replace(opened.deps.limits, card_every_s=0.05, slow_card_every_s=0.05, deliver_timeout_s=3.0)
        yield Process(replace(opened.deps, limits=limits), opened.pool)


class Unsure:
    """A reader that sees one face and cannot tell whether it is sad or calm."""

    async def photo_faces(self, data: bytes) -> Faces:
        scores = dict.fromkeys(EMOTION_LABELS, 0.05) | {"sad": 0.40, "neutral": 0.35}
        return (FaceScores(0.2, 0.2, 0.5, 0.5, scores),)

    async def clip_faces(self, data: bytes) -> ClipFaces:
        raise AssertionError("no video comes here")


def sender(user: User) -> Sender:
    return Sender("discord", str(user.id), user.name)


def address(channel: Channel, above: Message | None = None) -> dict[str, str]:
    guild = {"guild": str(channel.guild.id)} if channel.guild else {}
    place = f"guild:{channel.guild.id}" if channel.guild else f"dm:{channel.id}"
    message = {"message": str(above.id)} if above else {}
    return {"place": place, "channel": str(channel.id), **guild, **message}


def is_of(part: dict[str, Any], song_id: int) -> bool:
    return str(part.get("custom_id", "")).startswith("1:") and part["custom_id"].split(":")[2] == str(song_id)


def room(server: DiscordServer, *people: UserClient, name: str = "songs", **guild: Any) -> Channel:
    """Found a server with these people, the first as its owner, and give its one channel."""
    users = [person.user for person in people]
    return server.world.channel(server.world.guild("g", owner=users[0], members=tuple(users[1:]), **guild), name)


def labels(message: Message) -> list[str]:
    return [str(part.get("label")) for part in message.parts]


def texts(messages: Sequence[Message]) -> list[str]:
    return [message.content for message in messages]
