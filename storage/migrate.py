"""Bring a database to a revision of the tables, from a checkout or an installed wheel, for the command line.

The `alembic` command works in a checkout too: `alembic -x url=sqlite+aiosqlite:///file check`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from storage.database import READING, make_engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables up; two processes may do so at once, the second then finds nothing to do."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Bring the tables down to a revision, losing what newer ones hold; "base" removes them all."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def check(url: str) -> None:
    """Raise alembic's CommandError when the mapped classes and the migrated tables differ."""
    await _run(url, command.check)


async def current(url: str) -> str | None:
    """Return the database's revision, None for one without tables of ours or a file that is not there."""
    if not exists(url):
        return None  # connecting would make an empty file
    engine = make_engine(url).execution_options(**{READING: True})
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await engine.dispose()


def exists(url: str) -> bool:
    """Say whether there is a database to connect to, as far as that shows without connecting."""
    parsed = make_url(url)
    return not parsed.drivername.startswith("sqlite") or Path(parsed.database or "").exists()


def head() -> str:
    """Return the newest revision that this version of the code knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


async def _run(url: str, act: Callable[[Config], None]) -> None:
    def with_connection(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection  # migrations/env.py uses it instead of making its own
        act(config)

    engine = make_engine(url, foreign_keys=False)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(with_connection)
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    return config
