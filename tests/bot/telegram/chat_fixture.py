"""A chat process that serves Telegram, and songs brought to any point of their way without rendering them."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from bot.settings import Settings
from bot.telegram.origins import PLATFORM
from bot.telegram.service import serve_telegram
from bot.wiring import Process, open_process
from handlers.events import MoodNamed, Sender
from handlers.intake.consent import accept
from handlers.intake.named_mood import receive_mood
from handlers.jobs.draft import draft_song
from handlers.song_options import SongOptions
from pipeline.faces.read_mood import ClipFaces, Faces
from pipeline.values import EmotionLabel
from storage.media import media_path
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork
from tests.telegram_server import Chat, Message, Person, TelegramServer

MP3 = b"ID3" + bytes(2000)
PUBLIC = "https://songs.example"
TIMEOUT_S = 0.6  # of our requests, so that a silent Telegram does not hold the tests


@dataclass(slots=True)
class ChatFixture:
    """A running Telegram, and a process that may serve it."""

    server: TelegramServer
    process: Process
    settings: Settings
    redis_url: str

    @asynccontextmanager
    async def serving(self, *, webhook: bool = False, **options: float) -> AsyncIterator[asyncio.Task[None]]:
        """Serve while the body runs; what serving raises ends the test."""
        settings, sockets = self.settings, list[socket.socket]()
        if webhook:
            sockets.append(door := socket.create_server(("127.0.0.1", 0)))
            door.setblocking(False)
            self.server.updates.proxy[PUBLIC] = f"http://127.0.0.1:{door.getsockname()[1]}"
            settings = settings.model_copy(update={"telegram_webhook_url": f"{PUBLIC}/hook"})
        known = {"timeout_s": TIMEOUT_S, "upload_timeout_s": TIMEOUT_S, "album_quiet_s": 0.5, **options}
        task = asyncio.create_task(serve_telegram(settings, self.process, sockets=sockets, **known))
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def person(self, name: str = "Alice", *, accepted: bool = True, language_code: str = "en") -> Person:
        """Let someone appear who has accepted what happens with photos."""
        person = self.server.person(name, language_code=language_code)
        if accepted:
            await accept(sender(person), deps=self.process.deps)
        return person

    async def song(self, song_id: int) -> SongRow:
        row = await self.process.deps.read(lambda unit: unit.songs.get(song_id))
        assert row is not None
        return row

    async def songs_of(self, person: Person) -> list[SongRow]:
        """A person's songs, newest first."""

        async def look(unit: UnitOfWork) -> list[SongRow]:
            user = await unit.users.find(PLATFORM, str(person.user.id))
            rows = await unit.song_queries.history(user.id, limit=50) if user else []
            return [song for row in rows if (song := await unit.songs.get(row.id))]

        return await self.process.deps.read(look)

    async def planned(
        self, person: Person, chat: Chat | None = None, *, asked: Message | None = None, mood: EmotionLabel = "happy"
    ) -> int:
        """A song that waits to be rendered."""
        where = chat or person.chat
        reply_to = {"place": str(where.id), "chat": str(where.id)} | ({"message": str(asked.id)} if asked else {})
        options = SongOptions(interactive=False)
        deps = self.process.deps
        song_id = await receive_mood(MoodNamed(sender(person), mood, reply_to, options), deps=deps)
        await draft_song(song_id, deps=deps, reader=NoReader(), writer=None)
        return song_id

    async def finished(
        self, person: Person, chat: Chat | None = None, *, asked: Message | None = None, mood: EmotionLabel = "happy"
    ) -> int:
        """A song whose files lie ready; `deliver` sends it."""
        song_id = await self.planned(person, chat, asked=asked, mood=mood)
        await self.finish(song_id)
        return song_id

    async def finish(self, song_id: int) -> None:
        """Put a planned song's files there, as a music worker does."""
        deps, song = self.process.deps, await self.song(song_id)
        audio, waveform = (media_path(song.user_id, song.session_id, "0" * 32, end) for end in ("mp3", "png"))
        await deps.media.put(audio, MP3)
        await deps.media.put(waveform, waveform_png())

        async def move(unit: UnitOfWork) -> bool:
            now = deps.clock.now()
            return await unit.songs.advance(
                song_id, lease=None, from_states=(SongState.QUEUED,), to=SongState.DELIVERING, now=now,
                audio_path=audio, waveform_path=waveform, duration_sec=30.2, model="sketch",
            )  # fmt: skip

        assert await deps.commit(move)

    async def deliver(self, song_id: int) -> None:
        """Queue the delivery, as a music worker does."""
        await self.process.deps.queue.put("deliver", song_id, attempt=0, platform=PLATFORM)

    async def delivered(self, person: Person, chat: Chat | None = None, *, asked: Message | None = None) -> Message:
        """A song as it stands in the chat; serving has begun."""
        song_id = await self.finished(person, chat, asked=asked)
        await self.deliver(song_id)
        await self.until_state(song_id, SongState.DELIVERED)
        return (chat or person.chat).from_bot("audio")[-1]

    async def until_state(self, song_id: int, state: SongState, *, within_s: float = 10.0) -> SongRow:
        async with asyncio.timeout(within_s):
            while (song := await self.song(song_id)).status != state:  # noqa: ASYNC110 - a row is looked at
                await asyncio.sleep(0.02)
        return song

    async def stored(self) -> int:
        """Count those whose updates are stored and not yet handled; each part of an album counts."""
        return len(await self.process.deps.read(lambda unit: unit.inbox.oldest(PLATFORM, busy=(), limit=1000)))

    async def quiet(self) -> None:
        """Wait until every update is acknowledged and handled."""
        await self.server.until(lambda: not self.server.updates.pending)
        while await self.stored():  # noqa: ASYNC110 - rows are looked at
            await asyncio.sleep(0.02)

    async def no_photo_is_kept(self) -> bool:
        return not any(path.endswith(".selfie") for path in await self.process.deps.media.list())


class NoReader:
    """An emotion reader for songs whose mood was named: it must not be asked."""

    async def photo_faces(self, data: bytes) -> Faces:
        raise AssertionError("no photo is to be read")

    async def clip_faces(self, data: bytes) -> ClipFaces:
        raise AssertionError("no video is to be read")


def sender(person: Person) -> Sender:
    return Sender(PLATFORM, str(person.user.id), person.user.first_name)


def waveform_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 320), "#112233").save(out, "PNG")
    return out.getvalue()


@asynccontextmanager
async def stage(server: TelegramServer, database_url: str, folder: Path, redis_url: str) -> AsyncIterator[ChatFixture]:
    """Open what a chat process needs, with limits that tests need not wait for."""
    settings = Settings.model_validate(
        {
            "data_dir": folder,
            "database_url": database_url,
            "telegram_token": server.token,
            "telegram_api_url": server.url,
        }
    )
    async with open_process(settings, redis_url) as process:
        deps = replace(process.deps, limits=replace(process.deps.limits, card_every_s=0.2, slow_card_every_s=0.2))
        yield ChatFixture(server, replace(process, deps=deps), settings, redis_url)
