"""A chat platform whose people write down what they get."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from handlers.ports import MessageRef, Notice, SongMessage
from storage.media import Media


@dataclass
class RecordingChat:
    """The Chat port; `open` lets songs through, cleared it holds them as a slow network does."""

    media: Media
    platform: str = "terminal"
    songs: list[SongMessage] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        assert await self.media.get(str(message.audio_path))
        await self.open.wait()
        self.songs.append(message)
        return {"nonce": nonce}

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        await self.open.wait()
        self.told.append((notice.song_id, notice.text))
        return {"nonce": nonce}

    def times_sent(self, song_id: int) -> int:
        return sum(message.song_id == song_id for message in self.songs)

    def sentences(self, song_id: int) -> list[str]:
        return [sentence for told, sentence in self.told if told == song_id]
