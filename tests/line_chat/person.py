"""A person at the line chat: types lines, reads lines, remembers what stands in the room."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.bot.waiting import until

LONGEST_LINE = 30_000_000  # bytes


@dataclass
class Seen:
    """A message as it stands now, and every text that it had."""

    number: int
    text: str = ""
    texts: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    gone: bool = False

    def read(self, sign: str, text: str, parts: list[str]) -> None:
        self.text, self.gone = text.replace("↵", "\n"), sign == "-"
        self.texts.extend([self.text] if self.text not in ("", *self.texts[-1:]) else [])
        self.buttons = [part.split("] ", 1)[1] for part in parts if part.startswith("[")]
        files = [part.rsplit(" ", 1) for part in parts if not part.startswith("[")]
        self.files |= {name: base64.b64decode(data) for name, data in files}

    @property
    def is_card(self) -> bool:
        return "Cancel" in self.buttons


class Person:
    """Somebody with a connection of their own."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._seen: dict[int, Seen] = {}

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Read every line until the connection ends."""
        async for line in reader:
            head, text, *parts = line.decode().rstrip("\n").split("\t")
            self._seen.setdefault(int(head[1:]), Seen(int(head[1:]))).read(head[0], text, parts)

    @property
    def messages(self) -> list[Seen]:
        """What stands there, oldest first."""
        return [message for _, message in sorted(self._seen.items()) if not message.gone]

    @property
    def last(self) -> int:
        """The number of the last message, also of one that is gone."""
        return max(self._seen, default=0)

    def types(self, words: str) -> int:
        """Type a line; give the number of the last message before its answer."""
        self._writer.write(f"{words}\n".encode())
        return self.last

    def sends(self, kind: str, data: bytes, note: str = "") -> int:
        return self.types(f"{kind} {base64.b64encode(data).decode()} {note}")

    def presses(self, message: Seen, label: str) -> int:
        """Press the first button whose label begins so."""
        (number, *_) = [at for at, each in enumerate(message.buttons, 1) if each.startswith(label)]
        return self.types(f"press {message.number} {number}")

    async def answer(self, before: int) -> Seen:
        """Wait for the first message after this one that still stands there."""

        async def look() -> Seen | None:
            return next((message for message in self.messages if message.number > before), None)

        return await until(look, f"an answer after message {before}")

    async def asks(self, words: str) -> str:
        """Type a line; give the text of its answer."""
        return (await self.answer(self.types(words))).text


@asynccontextmanager
async def present(name: str, port: int) -> AsyncIterator[Person]:
    """Be in the room while the body runs."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_LINE)
    person = Person(writer)
    person.types(name)
    listening = asyncio.create_task(person.listen(reader))
    try:
        yield person
    finally:
        writer.close()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
