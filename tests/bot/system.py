"""Everything that makes songs, as processes: Redis, a database, a draft worker, a music worker.

Tests freeze songs in a state, do harm, and look at what arrives. What a test kills it starts again; the rest is
shared by the tests of a module.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from bot.settings import Settings
from bot.wiring import Process, open_process
from bot.workers.arq_worker import delivering
from handlers.events import SelfieReceived, Sender
from handlers.intake.selfie import receive_selfie
from handlers.song_options import SongOptions
from pipeline.values import EmotionLabel
from storage.database import make_engine
from storage.errors import DatabaseAway
from storage.repositories.song_rows import SongRow
from storage.song_states import ENDS, SongState
from tests.bot.database_proxy import DatabaseProxy, FileProxy, WireProxy
from tests.bot.processes import OwnProcess
from tests.bot.recording_chat import RecordingChat
from tests.bot.redis_server import RedisServer
from tests.bot.waiting import until
from tests.storage import databases

ANN = Sender("terminal", "ann", "Ann 🎈")
TRIES = 20  # songs to send until one is caught in a state that passes quickly


class SilentLLM:
    """The address of a language model: refuses calls, or lets them ring for ever."""

    def __init__(self) -> None:
        self._socket = self._bound(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    @contextmanager
    def ringing(self) -> Iterator[None]:
        """Take calls and never speak, until the body ends: then hang up on everybody."""
        port = self._socket.getsockname()[1]
        self._socket.listen(16)
        try:
            yield
        finally:
            self._socket.close()
            self._socket = self._bound(port)

    def close(self) -> None:
        self._socket.close()

    @staticmethod
    def _bound(port: int) -> socket.socket:
        """A bound socket that does not listen keeps its port and refuses connections."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        return bound


@dataclass
class System:
    """The processes, and what they share."""

    folder: Path
    redis: RedisServer
    proxy: DatabaseProxy
    llm: SilentLLM
    weights_home: Path
    portrait: bytes
    changed: Mapping[str, str] = field(default_factory=dict)  # settings of a module's own
    workers: dict[str, OwnProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("draft", "music"):
            arguments = ("bot", "--verbose", "worker", kind)
            self.workers[kind] = OwnProcess(arguments, self.settings, self.folder, self.folder / f"{kind}.log")

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the processes."""
        return {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.proxy.url,
            "REDIS_URL": self.redis.url,
            "DEEPFACE_HOME": str(self.weights_home),
            "OPENAI_API_KEY": "sk-of-nobody",
            "OPENAI_BASE_URL": self.llm.url,
            "STALE_AFTER_S": "3",
            "BEAT_EVERY_S": "0.2",
            "SWEEP_EVERY_S": "1",
            "WRITING_TIMEOUT_S": "60",
            **self.changed,
        }

    @property
    def draft(self) -> OwnProcess:
        return self.workers["draft"]

    @property
    def music(self) -> OwnProcess:
        return self.workers["music"]

    def worker_at(self, state: SongState) -> OwnProcess:
        """The worker that has a song in this state at work."""
        return self.music if state in (SongState.QUEUED, SongState.RENDERING) else self.draft

    async def staffed(self) -> None:
        """Start the workers that are not there, and wait until both serve."""
        gone = [kind for kind, worker in self.workers.items() if not worker.alive]
        for kind in gone:
            with self.redis.client() as client:
                client.delete(f"selfietune:{kind}:health-check")
            self.workers[kind].start()
        for kind in gone:
            await until(partial(self._serves, kind), f"the {kind} worker")

    async def _serves(self, kind: str) -> bool:
        worker = self.workers[kind]
        assert worker.alive, worker.said()[-4000:]
        return self.redis.exists(f"selfietune:{kind}:health-check")

    def close(self) -> None:
        for worker in self.workers.values():
            if worker.alive:
                worker.thaw()
                worker.kill()
        self.llm.close()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Shift]:
        """Both workers at work, and a chat that sends selfies and gets songs."""
        await self.staffed()
        settings = Settings.model_validate({name.lower(): value for name, value in self.settings.items()})
        async with open_process(settings, self.redis.url) as process:
            chat = RecordingChat(process.deps.media)
            async with delivering(chat, process):
                yield Shift(self, process, chat)


@dataclass
class Shift:
    """One test's time with the system."""

    system: System
    process: Process
    chat: RecordingChat

    async def send(
        self,
        *,
        duration_s: float = 5.0,
        mood: EmotionLabel | None = None,
        data: bytes | None = None,
        **wished: Any,
    ) -> int:
        options = SongOptions(duration_s=duration_s, mood=mood, **wished)
        event = SelfieReceived(ANN, self.system.portrait if data is None else data, {"chat": "1"}, options)
        return await receive_selfie(event, deps=self.process.deps)

    async def song(self, song_id: int) -> SongRow:
        async with self.process.deps.open_unit(reading=True) as unit:  # also while a writer holds the file
            song = await unit.songs.get(song_id)
        assert song is not None
        return song

    async def reaches(self, song_id: int, *states: SongState) -> SongRow:
        """Wait for a song to reach one of these states, or to end."""

        async def look() -> SongRow | None:
            try:
                song = await self.song(song_id)
            except DatabaseAway:  # the test has cut our connections too
                return None
            return song if song.status in states or song.status in ENDS else None

        song = await until(look, f"song {song_id} {states}")
        assert song.status in states, (song.status, song.error_code, song.error, self.logs())
        return song

    def logs(self) -> str:
        return "\n".join(worker.said()[-3000:] for worker in self.system.workers.values())

    @asynccontextmanager
    async def held(self, state: SongState) -> AsyncIterator[int]:
        """Keep a song in a state, with the worker whose turn it is, while the body runs."""
        holds = {
            SongState.RECEIVED: self._unclaimed_draft,
            SongState.READING: self._reading,
            SongState.DRAFTING: self._drafting,
            SongState.QUEUED: self._unclaimed_music,
            SongState.RENDERING: self._rendering,
            SongState.DELIVERING: self._delivering,
        }
        async with holds[state]() as song_id:
            yield song_id

    @asynccontextmanager
    async def _unclaimed_draft(self) -> AsyncIterator[int]:
        """The worker has taken the job from the queue, but cannot write its name into the row."""
        self.system.draft.freeze()
        song_id = await self.send()
        async with self._unclaimed(self.system.draft, f"draft:{song_id}:0", song_id):
            yield song_id

    @asynccontextmanager
    async def _unclaimed_music(self) -> AsyncIterator[int]:
        self.system.music.freeze()
        song_id = await self.send()
        await self.reaches(song_id, SongState.QUEUED)
        async with self._unclaimed(self.system.music, f"music:{song_id}:0", song_id):
            yield song_id

    @asynccontextmanager
    async def _unclaimed(self, worker: OwnProcess, job: str, song_id: int) -> AsyncIterator[None]:
        async with self._row_locked(song_id):
            worker.thaw()

            async def picked() -> bool:
                return self.system.redis.exists(f"arq:in-progress:{job}")

            await until(picked, f"{job} to be picked")
            yield

    @asynccontextmanager
    async def _row_locked(self, song_id: int) -> AsyncIterator[None]:
        """Hold the song's row (in SQLite: the file) against every writer."""
        engine = make_engine(self.system.proxy.url)
        try:
            async with engine.begin() as connection:
                await connection.execute(text("UPDATE generations SET id = id WHERE id = :id"), {"id": song_id})
                yield
                with suppress(Exception):  # the test may have closed the database meanwhile
                    await connection.rollback()
        finally:
            await engine.dispose()

    async def freeze(self, worker: OwnProcess, song_id: int) -> None:
        """Let a worker stand still between its writes: one that SQLite has lent the file would hold up everybody."""
        async with self._row_locked(song_id):
            worker.freeze()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[int]:
        """DeepFace's process stands still."""
        (reader,) = self.system.draft.children()
        reader.suspend()
        try:
            song_id = await self.send()
            await self.reaches(song_id, SongState.READING)
            yield song_id
        finally:
            with suppress(psutil.NoSuchProcess):
                reader.resume()

    @asynccontextmanager
    async def _drafting(self) -> AsyncIterator[int]:
        """The language model takes the call and says nothing."""
        with self.system.llm.ringing():
            song_id = await self.send()
            await self.reaches(song_id, SongState.DRAFTING)
            yield song_id

    @asynccontextmanager
    async def _rendering(self) -> AsyncIterator[int]:
        """The music worker stands still in the middle of a render; some songs are quicker than we look."""
        for _ in range(TRIES):
            song_id = await self.send(duration_s=30)
            await self.reaches(song_id, SongState.RENDERING, SongState.DELIVERING, SongState.DELIVERED)
            self.system.music.freeze()
            if (await self.song(song_id)).status == SongState.RENDERING:
                break
            self.system.music.thaw()
        try:
            yield song_id
        finally:
            if self.system.music.alive:
                self.system.music.thaw()

    @asynccontextmanager
    async def _delivering(self) -> AsyncIterator[int]:
        """The chat's network is slow."""
        self.chat.open.clear()
        song_id = await self.send()
        await self.reaches(song_id, SongState.DELIVERING)
        try:
            yield song_id
        finally:
            self.chat.open.set()

    async def arrives_once(self, song_id: int) -> SongRow:
        """Wait for the song, and see that there is one of everything and nothing of the photo."""
        song = await self.reaches(song_id, SongState.DELIVERED)
        await self.no_photo_is_left()
        files = await self.process.deps.commit(lambda unit: unit.assets.of_session(song.session_id))
        assert [file.path for file in files if file.type == "audio"] == [song.audio_path]
        assert [file.path for file in files if file.type == "video_waveform"] == [song.waveform_path]
        assert await self.process.deps.media.exists(song.audio_path or "")
        assert await self.process.deps.media.exists(song.waveform_path or "")
        assert self.chat.times_sent(song_id) == 1
        assert self.chat.sentences(song_id) == []
        assert await self.count("generations", song.session_id) == 1
        assert song.lease is None
        assert song.finished_at is not None
        return song

    async def fails_once(self, song_id: int) -> SongRow:
        """Wait for the song to fail, for its sentence, and for the photo to go."""
        song = await self.reaches(song_id, SongState.FAILED)

        async def told() -> bool:
            return (await self.song(song_id)).notified_at is not None

        await until(told, f"the end of song {song_id} to be told")
        await self.no_photo_is_left()
        assert len(self.chat.sentences(song_id)) == 1
        assert self.chat.times_sent(song_id) == 0
        assert await self.count("assets", song.session_id, "type = 'audio'") == 0
        return song

    async def no_photo_is_left(self) -> None:
        """Wait until neither a selfie nor a half-written file lies in the media folder or bucket."""

        async def none() -> bool:
            return not await self.photos()

        await until(none, "the photos to go")

    async def photos(self) -> list[str]:
        kept = await self.process.deps.media.list()
        unfinished = (self.system.folder / "media").glob(".parts/*")
        return [*(name for name in kept if name.endswith(".selfie")), *map(str, unfinished)]

    async def count(self, table: str, session_id: int, condition: str = "1 = 1") -> int:
        engine = make_engine(self.system.proxy.url)
        try:
            async with engine.connect() as connection:
                statement = f"SELECT count(*) FROM {table} WHERE session_id = :id AND {condition}"
                return int((await connection.execute(text(statement), {"id": session_id})).scalar_one())
        finally:
            await engine.dispose()


@contextmanager
def running_system(folder: Path, migrated: str, weights_home: Path, portrait: Path, **changed: str) -> Iterator[System]:
    """Set the system up in a folder, on a copy of the migrated SQLite file or on the server through a relay."""
    if migrated.startswith("sqlite"):
        file = folder / "songs.db"
        shutil.copy(migrated.removeprefix("sqlite+aiosqlite:///"), file)
        proxy: FileProxy | WireProxy = FileProxy(f"sqlite+aiosqlite:///{file}")
    else:
        proxy = WireProxy(migrated)
        proxy.open()
    with RedisServer.on_socket() as redis:
        system = System(folder, redis, proxy, SilentLLM(), weights_home, portrait.read_bytes(), changed)
        try:
            yield system
        finally:
            system.close()
            if isinstance(proxy, WireProxy):
                proxy.close()
                asyncio.run(databases.empty(migrated))
