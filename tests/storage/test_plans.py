"""No question that people or the sweeper ask reads a whole table: EXPLAIN of what repositories send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.song_states import SongState
from storage.tables.incoming import InboxEvent, PendingSelfie
from storage.tables.people import User
from storage.tables.songs import Asset, Feedback, Generation, Session
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

LISTENERS, SONGS_EACH = 50, 60
LATER = timedelta(days=365)

Ask = Callable[[UnitOfWork], Awaitable[object]]


def questions(me: int, now: datetime) -> dict[str, Ask]:
    return {
        "taste: votes": lambda uow: uow.votes.recent(me, limit=50),
        "taste: songs": lambda uow: uow.song_queries.recent(me, limit=20),
        "taste: preferences": lambda uow: uow.preferences.get(me),
        "taste: profile": lambda uow: uow.users.profile(me),
        "history": lambda uow: uow.song_queries.history(me, limit=10),
        "history, next page": lambda uow: uow.song_queries.history(me, limit=10, before_id=LISTENERS),
        "sweeper: songs": lambda uow: uow.song_queries.stale(before=now, limit=100),
        "sweeper: photos": lambda uow: uow.assets.photos_left(before=now, limit=100),
        "queue": lambda uow: uow.song_queries.waiting(),
        "a vote": lambda uow: uow.votes.cast(generation_id=me, user_id=me, vote="up", now=now),
        "counts": lambda uow: uow.votes.counts(me),
        "a song": lambda uow: uow.songs.get(me),
        "an account": lambda uow: uow.users.find("discord", "1001"),
        "files of a person": lambda uow: uow.assets.of_user(me),
        "events": lambda uow: uow.event_log.for_session(me),
        "inbox": lambda uow: uow.inbox.oldest("paper", busy=["7", "8"], limit=100),
        "inbox: handled": lambda uow: uow.inbox.remove([me, me + 1]),
        "inbox of an account": lambda uow: uow.inbox.forget("paper", "7", before=now),
        "sweeper: inbox": lambda uow: uow.inbox.prune(before=now - 2 * LATER),
        "a pending selfie": lambda uow: uow.pending_selfies.get("paper", "7"),
        "sweeper: pending selfies": lambda uow: uow.pending_selfies.prune(before=now - 2 * LATER),
        "moods": lambda uow: uow.emotions.latest(me),
    }


@pytest.fixture
async def crowd(engine: AsyncEngine, now: datetime) -> int:
    """A few thousand delivered songs with votes and photos; returns the id of one of many listeners."""
    async with engine.begin() as connection:
        first = await connection.scalar(text("SELECT COALESCE(MAX(id), 0) + 1 FROM users"))
        assert isinstance(first, int)
        people = range(first, first + LISTENERS)
        await connection.execute(insert(User), [{"id": who, "username": "x", "created_at": now} for who in people])
        songs = [
            {
                "id": first * 1000 + n,
                "user_id": who,
                "session_id": first * 1000 + n,
                "status": SongState.DELIVERED,
            }
            for n, who in enumerate(list(people) * SONGS_EACH)
        ]
        for song in songs[:40]:
            song["status"] = SongState.QUEUED
        await connection.execute(
            insert(Session),
            [
                {"id": song["session_id"], "user_id": song["user_id"], "source": "cli", "started_at": now}
                for song in songs
            ],
        )
        await connection.execute(
            insert(Generation),
            [{**song, "heartbeat_at": now, "attempts": 0, "created_at": now} for song in songs],
        )
        await connection.execute(
            insert(Feedback),
            [
                {
                    "generation_id": song["id"],
                    "user_id": song["user_id"],
                    "vote": "up",
                    "created_at": now,
                    "updated_at": now,
                }
                for song in songs
            ],
        )
        await connection.execute(
            insert(InboxEvent),
            [
                {
                    "platform": "paper",
                    "event_key": str(song["id"]),
                    "order_key": str(song["user_id"]),
                    "account_id": str(song["user_id"]),
                    "payload": "{}",
                    "received_at": now,
                }
                for song in songs
            ],
        )
        await connection.execute(
            insert(PendingSelfie),
            [{"platform": "paper", "account_id": str(who), "payload": "{}", "since": now} for who in people],
        )
        await connection.execute(
            insert(Asset),
            [
                {
                    "session_id": song["session_id"],
                    "type": kind,
                    "path": "p",
                    "mime": "m",
                    "md5": "0" * 32,
                    "created_at": now,
                    "removed_at": now if kind == "image" else None,
                }
                for song in songs
                for kind in ("image", "audio")
            ],
        )
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.execute(text("ANALYZE"))
        else:
            await connection.execute(
                text(
                    "ANALYZE TABLE users, sessions, generations, feedbacks, assets, chat_accounts, inbox, "
                    "pending_selfies"
                )
            )
        await connection.commit()
    return first + LISTENERS // 2


async def test_no_question_reads_a_whole_table(
    engine: AsyncEngine, begin: UnitOfWorkFactory, crowd: int, now: datetime
) -> None:
    scans = {}
    for name, ask in questions(crowd, now + LATER).items():
        sent = await _sent(engine, begin, ask)
        assert sent, name
        scans[name] = [line for statement in sent for line in await _scans(engine, *statement)]
    assert {name: lines for name, lines in scans.items() if lines} == {}


async def test_a_scan_would_be_seen(engine: AsyncEngine, crowd: int) -> None:
    assert await _scans(engine, "SELECT * FROM feedbacks WHERE comment = 'x'", ())


async def _sent(engine: AsyncEngine, begin: UnitOfWorkFactory, ask: Ask) -> list[tuple[str, object]]:
    sent: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            sent.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        async with begin() as uow:
            await ask(uow)
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    return sent


async def _scans(engine: AsyncEngine, statement: str, parameters: object) -> list[str]:
    """List the steps of a statement's plan that read a table or an index from end to end."""
    sqlite = engine.dialect.name == "sqlite"
    explain = f"{'EXPLAIN QUERY PLAN' if sqlite else 'EXPLAIN'} {statement}"
    async with engine.connect() as connection:
        steps = (await connection.exec_driver_sql(explain, parameters)).mappings().all()  # type: ignore[arg-type]
    if sqlite:
        return [step["detail"] for step in steps if step["detail"].startswith("SCAN")]
    return [f"{statement} {dict(step)}" for step in steps if step["type"] in {"ALL", "index"}]
