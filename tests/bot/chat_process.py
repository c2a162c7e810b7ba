"""A chat process of its own, to be killed: songs it sends go into a file. `python -m tests.bot.chat_process FOLDER`.

While FOLDER holds a file named "slow", its network is too slow for any song to get through.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from bot.wiring import open_process
from bot.workers.arq_worker import delivering
from handlers.ports import MessageRef, Notice, SongMessage

PLATFORM = "paper"


@dataclass
class PaperChat:
    """The Chat port: one line for a song begun, one for a song sent."""

    folder: Path
    platform: str = PLATFORM

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        self._write(f"begun {message.song_id}")
        while (self.folder / "slow").exists():  # noqa: ASYNC110  (another process removes it)
            await asyncio.sleep(0.02)
        self._write(f"sent {message.song_id}")
        return {"nonce": nonce}

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        self._write(f"told {notice.song_id}")
        return {"nonce": nonce}

    def _write(self, line: str) -> None:
        with (self.folder / "paper.txt").open("a") as paper:
            paper.write(f"{line}\n")


async def main(folder: Path) -> None:
    settings = Settings.read()
    assert settings.redis
    async with open_process(settings, settings.redis) as process, delivering(PaperChat(folder), process):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
