"""The terminal as a chat platform: a song is delivered as two files in the folder that was asked for."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from handlers.ports import MessageRef, Notice, SongMessage
from storage.media import Media

PLATFORM = "terminal"


class TerminalChat:
    """The Chat port of `selfietune try`. `reply_to` holds the output folder under "out"."""

    platform = PLATFORM

    def __init__(self, media: Media) -> None:
        self._media = media

    async def send_song(
        self,
        message: SongMessage,
        *,
        nonce: str,  # noqa: ARG002  (files written again are the same files)
        repeated: bool,  # noqa: ARG002
        direct: bool = False,  # noqa: ARG002
    ) -> MessageRef:
        audio, waveform = song_files(message.reply_to, message.song_id, message.title)
        for source, target in ((message.audio_path, audio), (message.waveform_path, waveform)):
            await asyncio.to_thread(_write, target, await self._media.get(str(source)))
        return {}

    async def send_notice(
        self,
        notice: Notice,  # noqa: ARG002  (`try` reads the reason from the row and prints it)
        *,
        nonce: str,  # noqa: ARG002
        repeated: bool,  # noqa: ARG002
        direct: bool = False,  # noqa: ARG002
    ) -> MessageRef:
        return {}


def song_files(reply_to: dict[str, str], song_id: int, title: str) -> tuple[Path, Path]:
    """Name the .mp3 and .png that a song is delivered to."""
    name = re.sub(r"[^\w-]+", "-", title).strip("-").lower()
    folder = Path(reply_to["out"])
    return folder / f"{song_id}-{name}.mp3", folder / f"{song_id}-{name}.png"


def _write(target: Path, data: bytes) -> None:
    """Write under another name, then rename: a reader sees the whole file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(target.suffix + ".part")
    partial.write_bytes(data)
    partial.replace(target)
