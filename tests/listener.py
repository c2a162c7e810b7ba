"""A person with two hands and a platform: what test_story.py lets them do, and each platform does in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Who = Literal["ann", "bob"]


@dataclass(frozen=True)
class Ground:
    """What every platform stands on: a migrated database, a Redis, an empty folder, the mood reader's weights."""

    database_url: str
    redis_url: str
    folder: Path
    weights_home: Path


@dataclass(frozen=True)
class Heard:
    """What Ann was shown, from her selfie to the song."""

    song_id: int
    told: str  # what happens with photos, said and agreed to before this one was read; empty when nothing was said
    progress: Sequence[str]  # what the status card said, one after the other
    words: str  # beside the song
    audio: bytes
    picture: bytes


class Listener(Protocol):
    """Ann, and her friend Bob, who sees what she makes."""

    @property
    def asks_first(self) -> bool:
        """Whether the first selfie waits for consent: it leaves the person's own machine."""

    async def sends(self, photo: Path) -> Heard:
        """Send a selfie, agree if that is asked for, watch the song come."""

    async def is_refused(self, file: Path) -> str:
        """Send what is no selfie, and give the sentence that comes back."""

    async def votes(self, song_id: int, vote: Literal["up", "down"], *, who: Who) -> None: ...

    async def sees_votes(self, song_id: int, *, up: int, down: int) -> None:
        """Wait until so many votes are shown."""

    async def prefers(self, *, genre: str, bpm: tuple[int, int]) -> None: ...

    async def songs(self) -> list[int]:
        """List one's own songs, newest first."""

    async def photos_are_gone(self) -> None:
        """Wait until the operator's store holds no photo of hers."""


class Platform(Protocol):
    """Opens a platform for one test."""

    def __call__(self, ground: Ground) -> AbstractAsyncContextManager[Listener]: ...
