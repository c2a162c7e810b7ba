"""The databases to test on: SQLite always, MariaDB or MySQL too when TEST_DATABASE_URL names one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.database import make_engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SQLITE = "sqlite+aiosqlite:///"
KINDS = ("sqlite", "server") if os.environ.get("TEST_DATABASE_URL") else ("sqlite",)
PARAMS = [pytest.param(kind, marks=[getattr(pytest.mark, kind)]) for kind in KINDS]  # `-m server` picks one kind's


def server_url(name: str) -> str:
    """Name a database beside the one in TEST_DATABASE_URL; each pytest worker has its own."""
    url = make_url(os.environ["TEST_DATABASE_URL"])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return url.set(database=f"{url.database}_{worker}_{name}").render_as_string(hide_password=False)


def copied(tables: Path, folder: Path) -> str:
    """Copy an SQLite file with the tables, which takes less than migrating, and give the copy's URL."""
    return f"{SQLITE}{shutil.copy(tables, folder / 'test.db')}"


async def create(url: str) -> None:
    """Make an empty database on the server, in place of what was there."""
    await _on_server(url, "DROP DATABASE IF EXISTS {0}", "CREATE DATABASE {0}")


async def drop(url: str) -> None:
    await _on_server(url, "DROP DATABASE {0}")


async def empty(url: str) -> None:
    """Delete every row; what is not listed hangs on users."""
    tables = ("users", "idempotency_keys", "key_values", "inbox", "pending_selfies")
    await run(url, [f"DELETE FROM {table}" for table in tables])


async def run(url: str, statements: Sequence[str]) -> None:
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def _on_server(url: str, *statements: str) -> None:
    name = make_url(url).database
    await run(os.environ["TEST_DATABASE_URL"], [statement.format(f"`{name}`") for statement in statements])
