"""What handlers touch, on a real database with a clock that tests move, a queue in memory and a chat that remembers."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers.commands.buttons import press_button
from handlers.commands.dispatch import run_command
from handlers.commands.parsing import typed_arguments
from handlers.deps import Deps
from handlers.events import MoodNamed, Origin, SelfieReceived, Sender
from handlers.intake.named_mood import receive_mood
from handlers.intake.selfie import receive_selfie
from handlers.jobs.deliver import deliver_song
from handlers.jobs.draft import draft_song
from handlers.ports import MessageRef, Notice, SongMessage, Stage
from handlers.responses import Response, Rows
from handlers.song_options import SongOptions
from pipeline.faces.read_mood import ClipFaces, Faces, FaceScores
from pipeline.values import EMOTION_LABELS, EmotionLabel
from storage.media import media_path
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

PLATFORM = "elsewhere"
ANN = Sender(PLATFORM, "1001", "Ann")
BOB = Sender(PLATFORM, "1002", "Bob")
HERE = Origin("server:1", {"place": "server:1", "channel": "7"}, "press-1")
THERE = Origin("server:2", {"place": "server:2", "channel": "8"}, "press-2")


class MovableClock:
    def __init__(self) -> None:
        self.time = datetime.fromisoformat("2026-03-01T12:00:00")

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Wait a little without moving the time: hearts beat while a test decides what the clock says."""
        await asyncio.sleep(seconds / 20)

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class MemoryQueue:
    """The Queue port; like the real one it takes the same job only once."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Stage, int, int]] = []
        self.aborted: list[tuple[Stage, int]] = []

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        if (stage, song_id, attempt) not in self.jobs:
            self.jobs.append((stage, song_id, attempt))

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        self.aborted.append((stage, song_id))

    def take(self, stage: Stage) -> list[int]:
        """Take every waiting job of a stage."""
        mine = [job for job in self.jobs if job[0] == stage]
        self.jobs = [job for job in self.jobs if job[0] != stage]
        return [song_id for _, song_id, _ in mine]


@dataclass
class Posted:
    """A message that stands in the chat."""

    nonce: str
    text: str
    direct: bool
    what: SongMessage | Notice


@dataclass
class MemoryChat:
    """The Chat port. `troubles` are raised by the next sends; `lost_answers` post first and raise then."""

    platform: str = PLATFORM
    posted: list[Posted] = field(default_factory=list)
    troubles: list[BaseException] = field(default_factory=list)
    lost_answers: list[BaseException] = field(default_factory=list)
    idempotent: bool = True
    sends: int = 0
    repeats: list[bool] = field(default_factory=list)

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        return self._post(Posted(nonce, message.caption, direct, message), repeated)

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        return self._post(Posted(nonce, notice.text, direct, notice), repeated)

    @property
    def songs(self) -> list[Posted]:
        return [post for post in self.posted if isinstance(post.what, SongMessage)]

    @property
    def notices(self) -> list[Posted]:
        return [post for post in self.posted if isinstance(post.what, Notice)]

    def _post(self, post: Posted, repeated: bool) -> MessageRef:
        self.sends += 1
        self.repeats.append(repeated)
        if self.troubles:
            raise self.troubles.pop(0)
        if not (self.idempotent and any(known.nonce == post.nonce for known in self.posted)):
            self.posted.append(post)
        if self.lost_answers:
            raise self.lost_answers.pop(0)
        number = next(n for n, known in enumerate(self.posted) if known.nonce == post.nonce)
        place = "dm" if post.direct else post.what.reply_to.get("place", "")
        return {"key": f"message-{number}", "place": place, "url": f"https://chat.example/{number}"}


class TellTaleReader:
    """The EmotionReader port: a test photo says in its bytes what a face on it would show."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    async def photo_faces(self, data: bytes) -> Faces:
        """Read "happy 0.49 neutral": the label, its share, and which comes second."""
        self.read.append(data)
        words = data[16:].decode().split()
        if not words:
            return ()
        label, share = words[0], float(words[1])
        rest = (1 - share) / 6
        scores = {each: share if each == label else rest for each in EMOTION_LABELS}
        if len(words) > 2:
            second = words[2]
            rest = (1 - share) / 10  # the second best gets half of what is left
            scores = {each: share if each == label else 5 * rest if each == second else rest for each in scores}
        return (FaceScores(0.2, 0.2, 0.5, 0.5, scores),)

    async def clip_faces(self, data: bytes) -> ClipFaces:
        raise AssertionError("no test sends a clip here")


def photo(words: str = "happy 0.92") -> bytes:
    """Bytes that begin as a JPEG does."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01" + words.encode()


@dataclass
class World:
    """Everything a test needs, with the short ways to get a song somewhere."""

    deps: Deps
    clock: MovableClock
    queue: MemoryQueue
    chat: MemoryChat = field(default_factory=MemoryChat)
    reader: TellTaleReader = field(default_factory=TellTaleReader)
    keys: int = 0

    async def selfie(
        self,
        sender: Sender = ANN,
        data: bytes | tuple[bytes, ...] | None = None,
        *,
        origin: Origin = HERE,
        key: str | None = None,
        options: SongOptions | None = None,
    ) -> int:
        self.keys += 1
        event = SelfieReceived(
            sender,
            photo() if data is None else data,
            origin.reply_to,
            options or SongOptions(duration_s=5.0, interactive=True),
            key or f"message {self.keys}",
        )
        return await receive_selfie(event, deps=self.deps)

    async def mood(self, label: EmotionLabel = "happy", sender: Sender = ANN) -> int:
        self.keys += 1
        event = MoodNamed(sender, label, HERE.reply_to, SongOptions(interactive=True), f"message {self.keys}")
        return await receive_mood(event, deps=self.deps)

    async def draft(self) -> None:
        """Run the waiting draft jobs."""
        for song_id in self.queue.take("draft"):
            await draft_song(song_id, deps=self.deps, reader=self.reader, writer=None)

    async def render(self, song_id: int) -> None:
        """Put files of a song where a music worker would, and move it to `delivering`."""
        song = await self.song(song_id)
        assert song.status == SongState.QUEUED
        audio = f"ID3 song {song_id}".encode()
        md5 = hashlib.md5(audio).hexdigest()
        paths = [media_path(song.user_id, song.session_id, md5, kind) for kind in ("mp3", "png")]
        for path in paths:
            await self.deps.media.put(path, audio)

        async def work(unit: UnitOfWork) -> None:
            now = self.clock.now()
            await unit.assets.add(
                session_id=song.session_id, kind="audio", path=paths[0], mime="audio/mpeg", md5=md5, now=now
            )
            await unit.event_log.add(
                session_id=song.session_id,
                agent="compose",
                event_type="rendered",
                payload={"render_ms": 30_000, "finish_ms": 0, "duration_s": 30.0},
                ts=now,
            )
            assert await unit.songs.advance(
                song_id,
                lease=None,
                from_states=(SongState.QUEUED,),
                to=SongState.DELIVERING,
                now=now,
                audio_path=paths[0],
                waveform_path=paths[1],
                model="sketch",
                duration_sec=30.0,
            )

        await self.deps.commit(work)
        self.queue.take("music")
        await self.queue.put("deliver", song_id, attempt=0, platform=song.source)

    async def deliver(self) -> None:
        """Run the waiting deliver jobs."""
        for song_id in self.queue.take("deliver"):
            await deliver_song(song_id, deps=self.deps, chat=self.chat)

    async def finished(self, sender: Sender = ANN, *, origin: Origin = HERE, words: str = "happy 0.92") -> int:
        """A delivered song."""
        song_id = await self.selfie(sender, photo(words), origin=origin)
        await self.draft()
        await self.render(song_id)
        await self.deliver()
        return song_id

    async def song(self, song_id: int) -> SongRow:
        song = await self.deps.read(lambda unit: unit.songs.get(song_id))
        assert song is not None
        return song

    async def status(self, song_id: int) -> SongState:
        return (await self.song(song_id)).status

    async def files(self) -> tuple[str, ...]:
        return await self.deps.media.list()


def tokens(rows: Rows) -> list[str]:
    """The tokens of all buttons."""
    return [button.token for row in rows for button in row]


def said(answer: Response) -> str:
    assert answer.reply is not None
    assert 0 < len(answer.reply.text) <= 1900
    return answer.reply.text


async def run(world: World, name: str, by: Sender = ANN, **arguments: str) -> Response:
    return await run_command(name, arguments, by, deps=world.deps, origin=HERE)


async def typed(world: World, name: str, text: str) -> Response:
    """As a chat without blanks sends it: "/tempo 80-120"."""
    return await run_command(name, typed_arguments(name, text), ANN, deps=world.deps, origin=HERE)


async def menu(world: World, name: str, typed: str = "") -> list[str]:
    """Type a command; give the tokens of its buttons."""
    answer = await run_command(name, typed_arguments(name, typed), ANN, deps=world.deps, origin=HERE)
    assert answer.reply is not None
    return tokens(answer.reply.buttons)


async def pressed(world: World, token: str, *, key: str = "press-1") -> Response:
    return await press_button(token, ANN, deps=world.deps, origin=replace(HERE, key=key))
