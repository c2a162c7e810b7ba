"""Ann and Bob at the command line, everything but the database embedded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bot.cli.command_line import Answer, Cli
from tests.listener import Ground, Heard, Who


@dataclass(frozen=True)
class TerminalListener:
    """Each command is a process; the status card is the lines on stderr."""

    cli: Cli
    asks_first: bool = False  # the photo stays on the machine of whoever types

    async def sends(self, photo: Path) -> Heard:
        answer = await self._run("try", photo, "--duration", "5", "--listener", "ann", "--out", "out")
        assert answer.status == 0, answer.stderr
        (song_id, *_) = await self.songs()
        audio, picture = sorted((self.cli.folder / "out").glob(f"{song_id}-*"))  # .mp3, .png
        return Heard(song_id, "", answer.stderr.splitlines(), answer.stdout, audio.read_bytes(), picture.read_bytes())

    async def is_refused(self, file: Path) -> str:
        answer = await self._run("try", file, "--listener", "ann")
        assert answer.status == 2
        return answer.stderr

    async def votes(self, song_id: int, vote: Literal["up", "down"], *, who: Who) -> None:
        assert (await self._run("vote", str(song_id), vote, "--listener", who)).status == 0

    async def sees_votes(self, song_id: int, *, up: int, down: int) -> None:
        shown = (await self._run("history", "ann", "--json")).json["songs"]
        assert [(song["up"], song["down"]) for song in shown if song["generation_id"] == song_id] == [(up, down)]

    async def prefers(self, *, genre: str, bpm: tuple[int, int]) -> None:
        answer = await self._run("listener", "set", "ann", "--genres", genre, "--bpm", f"{bpm[0]}-{bpm[1]}")
        assert answer.status == 0

    async def songs(self) -> list[int]:
        return [song["generation_id"] for song in (await self._run("history", "ann", "--json")).json["songs"]]

    async def photos_are_gone(self) -> None:
        assert not list((self.cli.folder / "var" / "media").rglob("*.selfie"))  # every process has ended

    async def _run(self, *arguments: str | Path) -> Answer:
        return await asyncio.to_thread(self.cli, *arguments)


@asynccontextmanager
async def at_the_terminal(ground: Ground) -> AsyncIterator[TerminalListener]:
    settings = {"DATABASE_URL": ground.database_url, "DEEPFACE_HOME": str(ground.weights_home)}
    yield TerminalListener(Cli(ground.folder, settings))
