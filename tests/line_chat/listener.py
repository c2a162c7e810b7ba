"""Ann and Bob in the one room of the line chat."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bot.waiting import until
from tests.bot.workers_here import workers_here
from tests.line_chat.person import Person, Seen, present
from tests.line_chat.room import Room, open_room
from tests.listener import Ground, Heard, Who

SIGNS = {"up": "👍", "down": "👎"}


@dataclass(frozen=True)
class LineListener:
    """Photos come in a line, cards and songs are lines of the bot's."""

    room: Room
    people: dict[Who, Person]
    asks_first: bool = True

    async def sends(self, photo: Path) -> Heard:
        before = await self._posts(photo)
        told = await self._is_told(before)
        progress: list[str] = []

        async def look() -> Seen | None:
            new = [message for message in self._ann.messages if message.number > before]
            progress.extend(text for m in new if m.is_card for text in m.texts if text not in progress)
            return next((message for message in new if message.files), None)

        song = await until(look, "the song")
        await until(self._no_card, "the card to go")
        (song_id, *_) = await self.songs()
        audio, picture = song.files[f"{song_id}.mp3"], song.files[f"{song_id}.png"]
        return Heard(song_id, told, progress, song.text, audio, picture)

    async def _is_told(self, before: int) -> str:
        answer = await self._ann.answer(before)
        if answer.is_card:
            return ""
        words = answer.text  # accepting changes the message
        self._ann.presses(answer, "Accept")
        return words

    async def is_refused(self, file: Path) -> str:
        before = await self._posts(file)

        async def look() -> Seen | None:
            new = [message for message in self._ann.messages if message.number > before]
            return next((message for message in new if not message.is_card), None)

        return (await until(look, "the refusal")).text

    async def votes(self, song_id: int, vote: Literal["up", "down"], *, who: Who) -> None:
        person = self.people[who]
        await person.answer(person.presses(self._song(song_id, who), SIGNS[vote]))

    async def sees_votes(self, song_id: int, *, up: int, down: int) -> None:
        wanted = [f"👍 {up}" if up else "👍", f"👎 {down}" if down else "👎"]

        async def look() -> bool:
            return self._song(song_id, "ann").buttons[:2] == wanted

        await until(look, f"the buttons {wanted}")

    async def prefers(self, *, genre: str, bpm: tuple[int, int]) -> None:
        await self._ann.asks(f"/genres set {genre}")
        await self._ann.asks(f"/tempo {bpm[0]} {bpm[1]}")

    async def songs(self) -> list[int]:
        return [int(number) for number in re.findall(r"^#(\d+)", await self._ann.asks("/history"), re.MULTILINE)]

    async def photos_are_gone(self) -> None:
        await until(self.room.no_photo_is_kept, "the photos to go")

    @property
    def _ann(self) -> Person:
        return self.people["ann"]

    async def _posts(self, file: Path) -> int:
        return self._ann.sends("photo", await asyncio.to_thread(file.read_bytes))

    async def _no_card(self) -> bool:
        return not any(message.is_card for message in self._ann.messages)

    def _song(self, song_id: int, who: Who) -> Seen:
        (song,) = [message for message in self.people[who].messages if f"{song_id}.mp3" in message.files]
        return song


@asynccontextmanager
async def on_lines(ground: Ground) -> AsyncIterator[LineListener]:
    """Open the room and both workers, and let both people in."""
    async with (
        open_room(ground.database_url, ground.folder) as room,
        workers_here(room.process, ground.weights_home),
        present("ann", room.port) as ann,
        present("bob", room.port) as bob,
    ):
        yield LineListener(room, {"ann": ann, "bob": bob})
