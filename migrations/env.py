"""Alembic's entry point: runs steps on the connection from storage.migrate, or on one to `-x url=…`."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from alembic import context
from sqlalchemy import Connection, text

from storage.database import make_engine
from storage.errors import Conflict
from storage.tables.columns import Base, UtcTime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.autogenerate.api import AutogenContext

METADATA = Base.metadata  # importing the package has filled it with every table
LOCK_TIMEOUT_S = 60  # another process may be migrating a large table


def migrate(connection: Connection) -> None:
    """Run the asked-for steps in one transaction, under a lock that lets one process migrate at a time."""
    with _alone(connection), connection.begin():
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            compare_server_default=True,
            render_item=_render,
            render_as_batch=True,  # SQLite changes a column by rebuilding its table; elsewhere this is ALTER
        )
        context.run_migrations()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """MySQL commits at every DDL statement and needs a named lock; SQLite's BEGIN IMMEDIATE is a lock."""
    if connection.dialect.name == "sqlite":
        yield
        return
    name = "CONCAT('selfietune ', MD5(DATABASE()))"  # locks are the server's, and MySQL allows 64 characters
    ours = connection.scalar(text(f"SELECT GET_LOCK({name}, {LOCK_TIMEOUT_S})"))
    connection.commit()  # the lock outlasts it: it is the connection's
    if ours != 1:
        raise Conflict("another process is migrating this database")
    try:
        yield
    finally:  # after the commit of the last step's number: who comes next would take that step once more
        connection.execute(text(f"DO RELEASE_LOCK({name})"))
        connection.commit()


def _render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our time type into new steps by what it is, so that old steps never depend on storage.tables."""
    if kind != "type" or not isinstance(item, UtcTime):
        return False
    autogen.imports.add("from sqlalchemy.dialects import mysql")
    return 'sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")'


async def connect_and_migrate(url: str) -> None:
    """Do what storage.migrate does, for the `alembic` command."""
    engine = make_engine(url, foreign_keys=False)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


handed_over: Any = context.config.attributes.get("connection")
if context.is_offline_mode():
    raise SystemExit("migrations run on a live database, not as an SQL script")
if handed_over is not None:
    migrate(handed_over)
else:
    given = context.get_x_argument(as_dictionary=True)
    if "url" not in given:
        raise SystemExit("which database? alembic -x url=sqlite+aiosqlite:///file …")
    asyncio.run(connect_and_migrate(str(given["url"])))
