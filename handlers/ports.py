"""What handlers need from the outside: a queue, a chat, a clock. `bot` provides them; tests may too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, Protocol

from pipeline.values import Mood, Plan

Stage = Literal["draft", "music", "deliver"]


class Queue(Protocol):
    """Transport of song ids to the workers. It may lose or repeat any of them: the database is the truth."""

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        """Queue the id for a stage; the same id, stage and attempt already waiting is no second entry.

        An unreachable queue is not an error here: the sweeper queues the song again.
        """

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        """Ask the worker to stop this job soon; it also notices by itself that the row has changed."""


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Naive UTC, as the database keeps it."""

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class SongMessage:
    """A finished song as a chat shows it. Paths are relative to the media store."""

    song_id: int
    reply_to: dict[str, str]  # the platform's own address, as it was when the selfie came
    locale: str
    audio_path: PurePosixPath
    waveform_path: PurePosixPath
    title: str
    mood: Mood
    plan: Plan
    engine: str


class Chat(Protocol):
    """A place where listeners are: Discord, Telegram or the terminal."""

    @property
    def platform(self) -> str: ...

    async def send_song(self, message: SongMessage) -> None:
        """Deliver the song. Sending the same song_id again must not show it twice where the platform can tell."""

    async def tell(self, reply_to: dict[str, str], sentence: str, *, song_id: int) -> None:
        """Say one sentence about a song that will not come."""
