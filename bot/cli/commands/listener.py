"""`selfietune listener set|show`: what somebody likes, as slash commands will set it."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.database import ready_deps
from bot.cli.terminal_chat import PLATFORM
from bot.errors import UserError
from bot.settings import Settings
from handlers.events import Sender
from handlers.preferences.store import Listener, PreferenceChanges, set_preferences, show_listener
from handlers.preferences.taste import split_words
from handlers.texts import terminal_sentence


async def main(options: argparse.Namespace, settings: Settings) -> int:
    sender = Sender(PLATFORM, options.name, options.name)
    async with ready_deps(settings) as deps:
        if options.action == "set":
            listener = await set_preferences(sender, _wanted(options), deps=deps)
        else:
            listener = await show_listener(sender, deps=deps)
    if options.json:
        print(json.dumps(listener_json(listener), ensure_ascii=False))  # noqa: T201
    else:
        Console(highlight=False).print(_table(listener))
    return 0


def listener_json(listener: Listener) -> dict[str, Any]:
    taste = listener.taste
    return {
        "name": listener.name,
        "locale": listener.locale,
        "fav_genres": taste.fav_genres,
        "fav_instruments": taste.fav_instruments,
        "bpm_min": taste.bpm_min,
        "bpm_max": taste.bpm_max,
        "negative_prompts": taste.negative_prompts,
        "votes": [{"genre": v.genre, "mood": v.mood, "vote": v.vote} for v in taste.votes],
    }


def _wanted(options: argparse.Namespace) -> PreferenceChanges:
    return PreferenceChanges(
        genres=None if options.genres is None else split_words(options.genres),
        instruments=None if options.instruments is None else split_words(options.instruments),
        bpm=None if options.bpm is None else _range(options.bpm),
        avoid=options.avoid,
        locale=options.locale,
    )


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(\d{1,3})\s*[-–]\s*(\d{1,3})\s*", text)
    if match is None:
        raise UserError("bad_bpm", low=40, high=220)
    return int(match[1]), int(match[2])


def _table(listener: Listener) -> Table:
    taste, nothing = listener.taste, "–"
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", justify="right")
    tempo = f"{taste.bpm_min or nothing}-{taste.bpm_max or nothing} BPM"
    ups = sum(vote.vote == "up" for vote in taste.votes)
    rows = {
        "listener_name": listener.name,
        "listener_genres": ", ".join(taste.fav_genres) or nothing,
        "listener_instruments": ", ".join(taste.fav_instruments) or nothing,
        "listener_tempo": tempo if taste.bpm_min or taste.bpm_max else nothing,
        "listener_avoid": ", ".join(taste.negative_prompts) or nothing,
        "listener_votes": f"👍 {ups}  👎 {len(taste.votes) - ups}",
    }
    for code, text in rows.items():
        table.add_row(terminal_sentence(listener.locale, code), text)
    return table
