"""Writing a plan: the template draft, and personalising with a thousand and a million votes in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bench.measure import Row, median_ms, medians_in_turn_ms
from handlers.limits import Limits
from handlers.preferences.taste import load_taste
from handlers.serialization import chosen_mood
from pipeline.brief.draft import template_brief
from pipeline.brief.personalise import personalise
from pipeline.values import RenderParams
from storage.database import make_engine
from storage.migrate import upgrade
from storage.unit_of_work import unit_of_work_factory

RUNS = 50
LISTENER = 1
OWN_SONGS = 1000  # the listener has voted on all of them

GENRES = ("lo-fi", "jazz", "techno", "indie pop", "ambient")
BRIEF = (
    '{"style": "warm lo-fi", "mood": "wistful", "bpm": 72, "key": "A minor", "instruments": ["soft piano"],'
    ' "sections": [{"start_s": 0, "end_s": 30, "text": "theme"}], "mix": ["warm"], "avoid": ["vocals"],'
    ' "description": ""}'
)


async def measure(folder: Path) -> list[Row]:
    mood = chosen_mood("sad")
    async with (
        _personalising(folder / "few.db", votes=1_000) as among_few,
        _personalising(folder / "many.db", votes=1_000_000) as among_many,
    ):
        few, many = await medians_in_turn_ms(among_few, among_many, runs=RUNS, warm=5)
    draft = median_ms(lambda: template_brief(mood, duration_s=30, seed=1), runs=RUNS)
    return [
        Row("template draft", draft, "ms"),
        Row("personalise, 1 thousand votes stored", few, "ms", goal=10),
        Row("personalise, 1 million votes stored", many, "ms", goal=10),
        Row("personalise, million / thousand", many / few, "×", goal=1.5),
    ]


@asynccontextmanager
async def _personalising(file: Path, *, votes: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give load_taste and personalise as the draft job calls them, templates only."""
    url = f"sqlite+aiosqlite:///{file}"
    await upgrade(url)
    _fill(file, votes=votes)
    engine = make_engine(url)
    open_unit = unit_of_work_factory(engine)
    mood, brief = chosen_mood("sad"), template_brief(chosen_mood("sad"), duration_s=30, seed=1)

    async def once() -> None:
        async with open_unit(reading=True) as unit:
            taste = await load_taste(LISTENER, unit=unit, limits=Limits())
        await personalise(brief, taste, mood=mood, params=RenderParams(seed=1), writer=None)

    try:
        yield once
    finally:
        await engine.dispose()


def _fill(file: Path, *, votes: int) -> None:
    """Give the listener 1000 voted songs of their own; the other votes are by a thousand others."""
    others = max(votes - OWN_SONGS, 0) // 1000
    start = datetime(2026, 1, 1)  # noqa: DTZ001  (the database keeps naive UTC)
    with sqlite3.connect(file) as base:
        base.executemany(
            "INSERT INTO users (id, username, created_at) VALUES (?, ?, ?)",
            ((number, f"user {number}", start) for number in range(1, 1002)),
        )
        base.execute("INSERT INTO sessions (id, user_id, source, started_at) VALUES (1, 1, 'terminal', ?)", [start])
        songs = max(OWN_SONGS, others)
        base.executemany(
            "INSERT INTO generations (id, session_id, user_id, status, emotion, genre, brief_json, attempts,"
            " heartbeat_at, created_at) VALUES (?, 1, 1, 'delivered', 'sad', ?, ?, 0, ?, ?)",
            (
                (number, GENRES[number % len(GENRES)], BRIEF, start, start + timedelta(seconds=number))
                for number in range(1, songs + 1)
            ),
        )
        vote = "INSERT INTO feedbacks (generation_id, user_id, vote, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
        voters = (LISTENER, *range(2, 2 + (1000 if others else 0)))
        for voter in voters:
            count = OWN_SONGS if voter == LISTENER else others
            base.executemany(
                vote,
                (
                    (song, voter, "down" if song % 3 else "up", start, start + timedelta(seconds=song))
                    for song in range(1, count + 1)
                ),
            )
