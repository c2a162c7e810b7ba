"""A chat platform in one file: a room over TCP, where people type lines and read lines.

Somebody's first line is their name; then "photo BASE64 note", "hum BASE64", "/mood happy" or "press 12 1" (message 12,
first button). Each line of ours is a message, its parts set apart by tabs: "+12", "=12" or "-12" (new, changed, gone),
the text with ↵ for line breaks, "[1] 👍" for each button, "name.mp3 BASE64" for each file.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count

from bot.card_loop import CardLoop
from bot.chat_service import serve_chat
from bot.wiring import Process
from handlers.button_actions import decode_action
from handlers.commands.buttons import press_button
from handlers.commands.dispatch import run_command
from handlers.commands.parsing import typed_arguments
from handlers.delivery.upload_size import song_bytes
from handlers.deps import Deps
from handlers.events import Origin, Sender
from handlers.feedback.ratings import score_buttons
from handlers.intake.ports import Attachment, AttachmentLost, AttachmentTooLarge
from handlers.intake.receive import Intake
from handlers.intake.submission import Submission
from handlers.ports import ChatGone, ChatLater, MessageRef, Notice, SongMessage, Undecided
from handlers.preferences.language import language_of
from handlers.responses import File, Reply, Response, Rows
from handlers.status_cards.due import DueCard
from handlers.texts import mood_named, sentence

log = logging.getLogger(__name__)

PLATFORM = "lines"
PLACE = "room"
NAME = re.compile(r"[\w.-]{1,24}", re.ASCII)  # what the Accept button can hold
LONGEST_LINE = 30_000_000  # bytes: a photo of 20 MB in base64
MAX_UPLOAD = 10_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Line:
    """What a person typed: an event. Its key is unique for ever."""

    person: str
    words: str
    key: str

    @property
    def sender(self) -> Sender:
        return Sender(PLATFORM, self.person, self.person)

    @property
    def origin(self) -> Origin:
        return Origin(PLACE, {"place": PLACE}, self.key, in_group=True)


class LineAttachments:
    """The Attachments port: files came within lines, and stay here unopened until the intake asks for one."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, address: str, text: str) -> Attachment:
        """Keep a file for its turn; what is no base64 is an empty file."""
        try:
            self._kept[address] = base64.b64decode(text)
        except binascii.Error:
            self._kept[address] = b""
        return Attachment(address, len(self._kept[address]))

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        data = self._kept.pop(attachment.address, None)
        if data is None:
            raise AttachmentLost
        if len(data) > limit:
            raise AttachmentTooLarge
        return data


@dataclass(frozen=True, slots=True)
class Message:
    """What stands in the room."""

    text: str
    buttons: Rows
    files: tuple[File, ...]
    only_for: str | None

    def __str__(self) -> str:
        labels = [button.label for row in self.buttons for button in row]
        buttons = [f"[{number}] {label}" for number, label in enumerate(labels, 1)]
        files = [f"{file.name} {base64.b64encode(file.data).decode()}" for file in self.files]
        return "\t".join((self.text.replace("\t", " ").replace("\n", "↵"), *buttons, *files))


class Messenger:
    """Who is in the room, and which messages stand there; raises the Chat port's errors. `run` names this process."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._people: dict[str, asyncio.StreamWriter] = {}
        self._messages: dict[int, Message] = {}
        self._nonces: dict[str, MessageRef] = {}

    @contextmanager
    def present(self, person: str, writer: asyncio.StreamWriter) -> Iterator[None]:
        """Let somebody be in the room while the body runs."""
        self._people[person] = writer
        try:
            yield
        finally:
            if self._people.get(person) is writer:
                del self._people[person]

    async def send(self, reply: Reply, *, to: str | None = None, nonce: str = "", repeated: bool = False) -> MessageRef:
        """Print a message to one person or to all; with the same nonce it is printed once."""
        if nonce and nonce in self._nonces:
            return self._nonces[nonce]
        if repeated:  # an earlier process may have printed it, and nobody can look for that
            raise Undecided
        number = len(self._messages) + 1
        message = Message(reply.text, reply.buttons, reply.files, to)
        self._print(f"+{number}", message)
        self._messages[number] = message
        ref = {"key": f"{self._run}-{number}", "place": PLACE, "run": self._run, "number": str(number)}
        self._nonces[nonce] = ref
        return ref

    async def edit(self, ref: MessageRef, text: str, buttons: Rows) -> None:
        self._messages[int(ref["number"])] = message = replace(self._message(ref), text=text, buttons=buttons)
        self._print(f"={ref['number']}", replace(message, files=()))

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        await self.edit(ref, self._message(ref).text, buttons)

    async def delete(self, ref: MessageRef) -> None:
        self._messages[int(ref["number"])] = gone = replace(self._message(ref), text="", buttons=(), files=())
        self._print(f"-{ref['number']}", gone)

    def pressed(self, number: str, button: str, *, by: str) -> tuple[MessageRef | None, str]:
        """Give the message and the token of its button; no token where this person sees no such button."""
        message = self._messages.get(int(number)) if number.isdecimal() else None
        if message is None or message.only_for not in (None, by):
            return None, ""
        tokens = {str(at): each.token for at, each in enumerate((b for row in message.buttons for b in row), 1)}
        return {"run": self._run, "number": number}, tokens.get(button, "")

    def _message(self, ref: MessageRef) -> Message:
        if ref["run"] != self._run:  # what an earlier process has printed stays as it is
            raise ChatGone
        return self._messages[int(ref["number"])]

    def _print(self, sign: str, message: Message) -> None:
        """Print to whoever is there; nobody waits for those who read slowly."""
        readers = [line for person, line in self._people.items() if message.only_for in (None, person)]
        if all(line.is_closing() for line in readers):
            raise ChatGone
        for line in readers:
            line.write(f"{sign}\t{message}\n".encode())


class LineChat:
    """The Chat port."""

    platform = PLATFORM

    def __init__(self, messenger: Messenger, *, deps: Deps) -> None:
        self._messenger = messenger
        self._deps = deps

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        audio = await song_bytes(message, max_bytes=MAX_UPLOAD, deps=self._deps)
        waveform = await self._deps.media.get(str(message.waveform_path))
        files = (File(f"{message.song_id}.mp3", audio), File(f"{message.song_id}.png", waveform))
        reply = Reply(f"{message.title}\n{message.caption}", message.buttons, files)
        to = message.account_id or "" if direct else None
        return await self._messenger.send(reply, to=to, nonce=nonce, repeated=repeated)

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        reply, to = Reply(notice.text, notice.buttons), notice.account_id or "" if direct else None
        return await self._messenger.send(reply, to=to, nonce=nonce, repeated=repeated)


class StatusCards:
    """The port of `bot.card_loop`: a card is printed again with each change."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger

    async def send(self, due: DueCard) -> MessageRef:
        return await self._messenger.send(Reply(due.card.text, due.card.buttons), nonce=f"card-{due.song_id}")

    async def edit(self, due: DueCard, ref: MessageRef) -> MessageRef:
        await self._messenger.edit(ref, due.card.text, due.card.buttons)
        return ref

    async def delete(self, ref: MessageRef) -> None:
        await self._messenger.delete(ref)

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        await self._messenger.set_buttons(ref, buttons)


class Lines:
    """Answers what people type, each person's lines in their order."""

    def __init__(self, messenger: Messenger, cards: CardLoop, *, deps: Deps) -> None:
        self._messenger = messenger
        self._cards = cards
        self._deps = deps
        self._attachments = LineAttachments()
        self._intake = Intake(self._attachments, deps=deps)

    async def answer(self, line: Line) -> None:
        """Do what a line asks for; never raises for what it holds."""
        try:
            await self._answer(line, *line.words.partition(" ")[::2])
        except (ChatGone, ChatLater, Undecided) as error:
            log.info("an answer was not shown: %r", error)
        except Exception:
            log.exception("a line broke")
            await self._messenger.send(Reply(sentence("en", "broken")), to=line.person)

    async def _answer(self, line: Line, word: str, rest: str) -> None:
        if word == "press":
            await self._press(line, *rest.partition(" ")[::2])
        elif word.startswith("/"):
            name, arguments = word[1:], typed_arguments(word[1:], rest)
            await self._show(await run_command(name, arguments, line.sender, deps=self._deps, origin=line.origin), line)
        else:
            await self._show(await self._intake.receive(self._submission(line, word, rest)), line)

    def _submission(self, line: Line, word: str, rest: str) -> Submission:
        data, _, note = rest.partition(" ")
        file = self._attachments.keep(line.key, data) if word in ("photo", "hum") else None
        sent = Submission(line.sender, line.origin.reply_to, line.key, note=note, mood=mood_named(note), in_group=True)
        if word == "hum":
            return replace(sent, melody=file)
        return replace(sent, pictures=() if file is None else (file,))  # without any the answer says what to send

    async def _press(self, line: Line, number: str, button: str) -> None:
        message, token = self._messenger.pressed(number, button, by=line.person)
        response = await press_button(token, line.sender, deps=self._deps, origin=line.origin)
        await self._show(response, line, on=message)
        action = decode_action(token)
        accepted = action is not None and action.action == "accept"
        waiting = await self._intake.pending(line.sender, locale=None) if accepted else None
        if waiting is not None:
            await self._show(await self._intake.receive_pending(waiting), line)

    async def _show(self, response: Response, line: Line, *, on: MessageRef | None = None) -> None:
        if response.song_id is not None:
            await self._cards.show_now(response.song_id)
        if on is not None and response.buttons is not None:
            await self._messenger.set_buttons(on, response.buttons)
        reply = response.reply
        if response.rate is not None:
            locale = await language_of(line.sender, None, deps=self._deps)
            reply = Reply(sentence(locale, "ask_score"), score_buttons(response.rate))
        if reply is not None and on is not None and response.edit:
            await self._messenger.edit(on, reply.text, reply.buttons)
        elif reply is not None:
            await self._messenger.send(reply, to=line.person if reply.private else None)


async def serve_lines(process: Process, listening: socket.socket) -> None:
    """Serve the room until cancelled."""
    run, numbers = secrets.token_hex(4), count()
    messenger = Messenger(run)
    cards = CardLoop(StatusCards(messenger), platform=PLATFORM, deps=process.deps)
    lines = Lines(messenger, cards, deps=process.deps)

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, ValueError):  # it broke, or a line had no end
            name = (await reader.readline()).decode(errors="replace").strip()
            if NAME.fullmatch(name):
                with messenger.present(name, writer):
                    async for words in reader:
                        await lines.answer(Line(name, words.decode(errors="replace").strip(), f"{run}-{next(numbers)}"))

    async with asyncio.TaskGroup() as people:
        server = await asyncio.start_server(
            lambda reader, writer: people.create_task(hear(reader, writer)), sock=listening, limit=LONGEST_LINE
        )
        try:
            await serve_chat(LineChat(messenger, deps=process.deps), cards, process)
        finally:
            server.close()
