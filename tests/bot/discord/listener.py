"""Ann and Bob in one channel of the local Discord."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bot.discord.chat_fixture import ChatFixture, labels, process_for, room, settings_for
from tests.bot.waiting import until
from tests.bot.workers_here import workers_here
from tests.discord_server import Channel, DiscordServer, File, Message, UserClient
from tests.discord_server.interactions import Interaction
from tests.listener import Ground, Heard, Who

SIGNS = {"up": "👍", "down": "👎"}


@dataclass(frozen=True)
class DiscordListener:
    """Selfies mention the bot; the song replies to them."""

    stage: ChatFixture
    place: Channel
    clients: dict[Who, UserClient]
    asks_first: bool = True

    async def sends(self, photo: Path) -> Heard:
        selfie = await self._posts(photo)
        told = await self._is_told(selfie)
        progress: list[str] = []

        def look() -> list[Message]:
            progress.extend(m.content for m in self._answers(selfie) if is_card(m) and m.content not in progress)
            return [m for m in self._answers(selfie) if m.embeds]

        (song,) = await self.stage.server.until(look, within=60)
        assert song.reply_to is selfie
        await self.stage.server.until(lambda: self._answers(selfie)[-1] is song)  # the card has gone
        audio, picture = (attachment.data for attachment in song.attachments)
        return Heard(song_id_of(song), told, progress, song.embeds[0]["description"], audio, picture)

    async def _is_told(self, selfie: Message) -> str:
        before = len(self.stage.server.downloads)
        (answer, *_) = await self.stage.server.until(lambda: self._answers(selfie))
        if is_card(answer):
            return ""
        assert len(self.stage.server.downloads) == before
        await self.clients["ann"].press(answer, "Accept")
        return answer.content

    async def is_refused(self, file: Path) -> str:
        sent = await self._posts(file)
        (answer, *_) = await self.stage.server.until(
            lambda: [m for m in self._answers(sent) if not is_card(m)], within=30
        )
        return answer.content

    async def votes(self, song_id: int, vote: Literal["up", "down"], *, who: Who) -> None:
        await self.clients[who].press(self._song(song_id), SIGNS[vote])

    async def sees_votes(self, song_id: int, *, up: int, down: int) -> None:
        song = self._song(song_id)
        await self.stage.server.until(
            lambda: labels(song)[:2] == [f"👍 {up}" if up else "👍", f"👎 {down}" if down else "👎"]
        )

    async def prefers(self, *, genre: str, bpm: tuple[int, int]) -> None:
        ann = self.clients["ann"]
        await self._answer(await ann.slash(self.place, "genres set", words=genre))
        await self._answer(await ann.slash(self.place, "tempo set", min=bpm[0], max=bpm[1]))

    async def songs(self) -> list[int]:
        history = await self._answer(await self.clients["ann"].slash(self.place, "history"))
        return [int(number) for number in re.findall(r"^\\?#(\d+)", history, re.MULTILINE)]

    async def photos_are_gone(self) -> None:
        await until(self.stage.no_photo_is_kept, "the photos to go")

    async def _posts(self, file: Path) -> Message:
        upload = File(file.name, await asyncio.to_thread(file.read_bytes))
        return await self.clients["ann"].post(self.place, f"<@{self.stage.server.world.bot.id}>", files=(upload,))

    def _answers(self, to: Message) -> list[Message]:
        return [m for m in self.stage.bot_messages(self.place) if m.id > to.id and m.only_for is None]

    def _song(self, song_id: int) -> Message:
        song = self.stage.song_message(song_id)
        assert song is not None
        return song

    async def _answer(self, asked: Interaction) -> str:
        (shown,) = await self.stage.server.until(lambda: asked.shown)
        return str(shown.content)


def is_card(message: Message) -> bool:
    return any(":cancel:" in str(part.get("custom_id")) for part in message.parts)


def song_id_of(song: Message) -> int:
    return int(song.parts[0]["custom_id"].split(":")[2])


@asynccontextmanager
async def on_discord(ground: Ground) -> AsyncIterator[DiscordListener]:
    """Open the local Discord, the chat process and both workers."""
    async with DiscordServer().running() as server:
        settings = settings_for(server, ground.database_url, ground.folder)
        async with process_for(settings, ground.redis_url) as process, workers_here(process, ground.weights_home):
            stage = ChatFixture(server, process, settings)
            ann, bob = server.person("ann"), server.person("bob")
            async with stage.serving():
                yield DiscordListener(stage, room(server, ann, bob), {"ann": ann, "bob": bob})
    assert server.violations == []
