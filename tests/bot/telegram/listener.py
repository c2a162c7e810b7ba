"""Ann and Bob in one group of the local Telegram."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.bot.telegram.chat_fixture import ChatFixture, stage
from tests.bot.waiting import until
from tests.bot.workers_here import workers_here
from tests.listener import Ground, Heard, Who
from tests.telegram_server import Chat, Message, Person, serve_telegram

SIGNS = {"up": "👍", "down": "👎"}


@dataclass(frozen=True)
class TelegramListener:
    """Selfies mention the bot, the song replies to them; commands go to the private chat, where answers go anyway."""

    stage: ChatFixture
    group: Chat
    people: dict[Who, Person]
    asks_first: bool = True

    async def sends(self, photo: Path) -> Heard:
        picture = await asyncio.to_thread(photo.read_bytes)
        selfie = self.people["ann"].sends_photo(picture, caption="@selfietune_bot", to=self.group)
        told = await self._is_told(selfie)
        progress: list[str] = []

        def look() -> list[Message]:
            progress.extend(m.text for m in self._answers(selfie) if is_card(m) and m.text not in progress)
            return self._answers(selfie, "audio")

        (song,) = await self.stage.server.until(look, within_s=60)
        assert song.reply_to is selfie
        await self.stage.server.until(lambda: self._answers(selfie)[-1] is song)  # the card has gone
        sent, files = song.content["audio"], self.stage.server.world.files.by_id
        audio, waveform = (files[file["file_id"]].data for file in (sent, sent["thumbnail"]))
        return Heard(song_id_of(song), told, progress, song.text, audio, waveform)

    async def _is_told(self, selfie: Message) -> str:
        before = len(self.stage.server.sent("getFile"))
        answer = await self.stage.server.answer(selfie)
        if is_card(answer):
            return ""
        assert len(self.stage.server.sent("getFile")) == before
        words = answer.text  # accepting may change the message
        self.people["ann"].presses(answer, "Accept")
        return words

    async def is_refused(self, file: Path) -> str:
        data = await asyncio.to_thread(file.read_bytes)
        sent = self.people["ann"].sends_file(
            "document", data, caption="@selfietune_bot", file_name=file.name, to=self.group
        )
        (answer, *_) = await self.stage.server.until(
            lambda: [m for m in self._answers(sent) if not is_card(m)], within_s=30
        )
        return answer.text

    async def votes(self, song_id: int, vote: Literal["up", "down"], *, who: Who) -> None:
        song = self._song(song_id)
        (label,) = [label for label in song.buttons if label.startswith(SIGNS[vote])]
        press = self.people[who].presses(song, label)
        await self.stage.server.until(lambda: press.answers)

    async def sees_votes(self, song_id: int, *, up: int, down: int) -> None:
        song = self._song(song_id)
        wanted = {f"👍 {up}" if up else "👍", f"👎 {down}" if down else "👎"}
        await self.stage.server.until(lambda: wanted <= set(song.buttons))

    async def prefers(self, *, genre: str, bpm: tuple[int, int]) -> None:
        await self._answer(f"/genres set {genre}")
        await self._answer(f"/tempo {bpm[0]} {bpm[1]}")

    async def songs(self) -> list[int]:
        return [int(number) for number in re.findall(r"^#(\d+)", await self._answer("/history"), re.MULTILINE)]

    async def photos_are_gone(self) -> None:
        await until(self.stage.no_photo_is_kept, "the photos to go")

    def _answers(self, to: Message, kind: str = "") -> list[Message]:
        return [m for m in self.group.from_bot(kind) if m.id > to.id]

    def _song(self, song_id: int) -> Message:
        (song,) = [m for m in self.group.from_bot("audio") if song_id_of(m) == song_id]
        return song

    async def _answer(self, command: str) -> str:
        return (await self.stage.server.answer(self.people["ann"].says(command))).text


def is_card(message: Message) -> bool:
    return any(":cancel:" in token for token in message.buttons.values())


def song_id_of(song: Message) -> int:
    return int(next(iter(song.buttons.values())).split(":")[2])


@asynccontextmanager
async def on_telegram(ground: Ground) -> AsyncIterator[TelegramListener]:
    """Open the local Telegram, the chat process and both workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")  # the library would send loopback through a proxy of the environment
        patch.setenv("PTB_TIMEDELTA", "1")
        async with (
            serve_telegram() as server,
            stage(server, ground.database_url, ground.folder, ground.redis_url) as at,
            workers_here(at.process, ground.weights_home),
        ):
            ann, bob = server.person("Ann"), server.person("Bob")
            async with at.serving():
                yield TelegramListener(at, server.group("Friends", ann), {"ann": ann, "bob": bob})
