"""`selfietune history`: a listener's songs, newest first."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bot.cli.database import ready_deps
from bot.cli.terminal_chat import PLATFORM
from bot.settings import Settings
from handlers.events import Sender
from handlers.library.story import past_songs
from storage.repositories.song_rows import HistoryRow

THUMBS = {"up": "👍", "down": "👎", None: ""}


async def main(options: argparse.Namespace, settings: Settings) -> int:
    sender = Sender(PLATFORM, options.name, options.name)
    async with ready_deps(settings) as deps:
        songs = await past_songs(sender, deps=deps)
    if options.json:
        print(json.dumps({"songs": [_json(song) for song in songs]}, ensure_ascii=False))  # noqa: T201
    else:
        Console(highlight=False).print(_table(songs))
    return 0


def _json(song: HistoryRow) -> dict[str, Any]:
    return {
        "generation_id": song.id,
        "created_at": song.created_at.isoformat(timespec="seconds") + "Z",
        "status": song.status.value,
        "mood": song.emotion,
        "genre": song.genre,
        "engine": song.model,
        "duration_s": song.duration_sec,
        "error_code": song.error_code,
        "vote": song.vote,
        "score": song.score,
        "comment": song.comment,
        "up": song.up,
        "down": song.down,
    }


def _table(songs: Sequence[HistoryRow]) -> Table:
    table = Table(box=box.SIMPLE)
    for column in ("id", "UTC", "status", "mood", "genre", "s", "vote"):
        table.add_column(column)
    for song in songs:
        score = "" if song.score is None else f" {song.score}/5"
        table.add_row(
            str(song.id),
            f"{song.created_at:%Y-%m-%d %H:%M}",
            song.error_code or song.status.value,
            song.emotion or "",
            song.genre or "",
            f"{song.duration_sec or 0:.0f}",
            THUMBS[song.vote] + score,
        )
    return table
