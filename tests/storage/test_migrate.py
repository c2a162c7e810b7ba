from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import inspect, text

from storage.database import make_engine
from storage.migrate import check, current, downgrade, head, upgrade
from storage.tables.columns import Base
from tests.storage import databases

ROOT = Path(__file__).parents[2]


async def tables(url: str) -> set[str]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    return set(names) - {"alembic_version"}


async def test_up_down_and_up_again(blank_url: str) -> None:
    assert await current(blank_url) is None
    await upgrade(blank_url)
    assert await current(blank_url) == head()
    assert await tables(blank_url) == set(Base.metadata.tables)
    await downgrade(blank_url, "base")
    assert await current(blank_url) is None
    assert await tables(blank_url) == set()
    await upgrade(blank_url)
    assert await tables(blank_url) == set(Base.metadata.tables)


async def test_tables_and_migrations_agree(database_url: str) -> None:
    await check(database_url)


async def test_names_of_constraints_follow_the_convention(database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(
            lambda sync: {
                key["name"] for table in Base.metadata.tables for key in inspect(sync).get_foreign_keys(table)
            }
        )
    await engine.dispose()
    wanted = {key.name for table in Base.metadata.tables.values() for key in table.foreign_key_constraints}
    assert found == wanted


async def test_many_processes_may_upgrade_at_once(blank_url: str) -> None:
    script = "import asyncio, sys; from storage.migrate import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    upgrades = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, blank_url, cwd=ROOT) for _ in range(3)
    ]
    assert [await process.wait() for process in upgrades] == [0, 0, 0]
    assert await current(blank_url) == head()


def test_the_alembic_command_works_from_a_checkout(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-x", f"url={database_url}", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "No new upgrade operations" in done.stdout, done.stderr


def test_an_installed_copy_finds_its_migrations(tmp_path: Path) -> None:
    # As in a wheel: packages elsewhere, no pyproject.toml, and a folder with a space and a % in its name.
    place = tmp_path / "site packages%"
    for package in ("storage", "migrations"):
        for file in (ROOT / package).rglob("*.py"):
            target = place / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    url = f"sqlite+aiosqlite:///{tmp_path / 'installed.db'}"
    script = (
        "import asyncio; from storage.migrate import current, head, upgrade\n"
        f"asyncio.run(upgrade({url!r})); assert asyncio.run(current({url!r})) == head()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


async def test_tables_that_change_their_name_keep_their_rows(blank_url: str) -> None:
    await upgrade(blank_url, "0002")
    await databases.run(
        blank_url,
        [
            "INSERT INTO users (id, username, created_at) VALUES (1, 'Ann', '2026-03-01 12:00:00')",
            "INSERT INTO sessions (id, user_id, started_at, source) VALUES (2, 1, '2026-03-01 12:00:00', 'terminal')",
            (
                "INSERT INTO generations (id, session_id, user_id, status, attempts, heartbeat_at, created_at, told_at)"
                " VALUES (3, 2, 1, 'failed', 1, '2026-03-01 12:00:00', '2026-03-01 12:00:00', '2026-03-01 12:00:09')"
            ),
            (
                "INSERT INTO arrivals (id, platform, event_key, generation_id, created_at) "
                "VALUES (4, 'terminal', 'song:m1', 3, '2026-03-01 12:00:00')"
            ),
            "INSERT INTO memos (name, value) VALUES ('ann', '{}'), ('ANN', 'other case')",
        ],
    )
    for revision, told, events, values in (
        ("0003", "notified_at", "idempotency_keys", "key_values"),
        ("0002", "told_at", "arrivals", "memos"),
        ("head", "notified_at", "idempotency_keys", "key_values"),
    ):
        await (downgrade if revision == "0002" else upgrade)(blank_url, revision)
        assert [str(row[0])[:19] for row in await _rows(blank_url, f"SELECT {told} FROM generations")] == [
            "2026-03-01 12:00:09"
        ]
        assert await _rows(blank_url, f"SELECT id, platform, event_key, generation_id FROM {events}") == [
            (4, "terminal", "song:m1", 3)
        ]
        assert await _rows(blank_url, f"SELECT name, value FROM {values} ORDER BY value") == [
            ("ANN", "other case"),
            ("ann", "{}"),
        ]
    await check(blank_url)


UPDATES = {  # as they were kept, under "paper.held:<event>": account, order key
    "9": ({"message": {"from": {"id": 7}, "text": "\\u2764"}}, "7", "7"),
    "10": ({"callback_query": {"from": {"id": 7}, "message": {"media_group_id": "1"}}}, "7", "7"),
    "11": ({"message": {"from": {"id": 8}, "media_group_id": "1"}}, "8", "u11"),
    "12": ({"message_reaction": {"user": {"id": 8}}}, "8", "8"),
    "13": ({"message_reaction": {"chat": {"id": 9}}}, None, "u13"),
}
SELFIE = '{"pictures":[],"note":"beach 🏖","since":"2026-03-01T12:00:00.123456"}'


async def test_kept_updates_and_waiting_selfies_move_to_their_tables_and_back(blank_url: str) -> None:
    kept = {f"paper.held:{event}": json.dumps(update) for event, (update, _, _) in UPDATES.items()}
    kept |= {"waiting:paper:a:b": SELFIE, "erased:7": "2026-03-01T12:00:00"}
    await upgrade(blank_url, "0003")
    await _keep_values(blank_url, kept)
    for _ in range(2):
        await upgrade(blank_url)
        await check(blank_url)
        assert await _rows(blank_url, "SELECT name FROM key_values") == [("erased:7",)]
        stored = await _rows(blank_url, "SELECT event_key, payload, account_id, order_key FROM inbox ORDER BY id")
        assert stored == [(event, json.dumps(update), *keys) for event, (update, *keys) in UPDATES.items()]
        ((since, *selfie),) = await _rows(blank_url, "SELECT since, platform, account_id, payload FROM pending_selfies")
        assert (str(since), selfie) == ("2026-03-01 12:00:00.123456", ["paper", "a:b", SELFIE])
        await downgrade(blank_url, "0003")
        assert set(await _rows(blank_url, "SELECT name, value FROM key_values")) == set(kept.items())
        assert {"inbox", "pending_selfies"}.isdisjoint(await tables(blank_url))


async def test_values_that_a_dying_step_had_moved_already_are_there_once(blank_url: str) -> None:
    await upgrade(blank_url)
    await _keep_values(blank_url, {"paper.held:9": "{}", "waiting:paper:a": SELFIE})
    await databases.run(
        blank_url,
        [
            (
                "INSERT INTO inbox (platform, event_key, order_key, payload, received_at) "
                "VALUES ('paper', '9', '7', '{}', '2026-03-01 12:00:00')"
            ),
            "UPDATE alembic_version SET version_num = '0003'",
        ],
    )
    await upgrade(blank_url)
    assert await _rows(blank_url, "SELECT event_key, order_key FROM inbox") == [("9", "7")]
    assert await _rows(blank_url, "SELECT account_id FROM pending_selfies") == [("a",)]
    assert await _rows(blank_url, "SELECT name FROM key_values") == []


async def test_a_step_that_died_between_two_statements_goes_on(blank_url: str) -> None:
    """MySQL and MariaDB commit each statement of a step; here the first ones were done when the process died."""
    await upgrade(blank_url, "0003")
    await databases.run(blank_url, ["INSERT INTO key_values (name, value) VALUES ('a', 'kept')"])
    await databases.run(blank_url, ["UPDATE alembic_version SET version_num = '0002'"])
    await upgrade(blank_url)
    assert await _rows(blank_url, "SELECT name, value FROM key_values") == [("a", "kept")]
    await check(blank_url)


async def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = [tuple(row) for row in await connection.execute(text(statement))]
    await engine.dispose()
    return found


async def _keep_values(url: str, values: Mapping[str, str]) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        rows = [{"name": name, "value": value} for name, value in values.items()]
        await connection.execute(text("INSERT INTO key_values (name, value) VALUES (:name, :value)"), rows)
    await engine.dispose()
