"""Engines from a URL: MySQL or MariaDB through aiomysql, SQLite through aiosqlite; one per process.

Drivers' errors become ours: `DatabaseAway` for a database that does not answer, `Conflict` for another writer.
"""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.errors import Conflict, DatabaseAway, DatabaseRefused

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_S = 10  # how long a statement waits for another writer

READING = "selfietune_reading"  # execution option of connections that will not write

_MYSQL_CONFLICTS = frozenset({
    1020,  # record has changed since last read (MariaDB's snapshot check)
    1205,  # lock wait timeout
    1213,  # deadlock
    1305,  # savepoint does not exist: a deadlock has already rolled back the transaction around it
})  # fmt: skip
_MYSQL_AWAY = frozenset({
    1040,  # too many connections
    1053,  # server shutdown in progress
    1158, 1159, 1160, 1161,  # packet errors and time-outs
    1927, 2002, 2003, 2006, 2013, 2014, 2055, 4031,  # no connection, or it was killed or lost
})  # fmt: skip
_MYSQL_REFUSED = frozenset({1044, 1045, 1049})  # this user and database, this password, no such database
_SQLITE_CONFLICTS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_AWAY = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL})
_SQLITE_REFUSED = frozenset(
    {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CORRUPT}
)


def make_engine(url: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """Make an engine for `mysql+aiomysql://…` or `sqlite+aiosqlite:///file`; connects on first use.

    foreign_keys=False is for migrations: rebuilding a table on SQLite would cascade otherwise.
    Raises ValueError for any other kind of URL.
    """
    driver = make_url(url).drivername
    if driver == "sqlite+aiosqlite":
        engine = _sqlite(url, foreign_keys=foreign_keys)
    elif driver == "mysql+aiomysql":
        engine = _mysql(url)
    else:
        raise ValueError(f"the database must be mysql+aiomysql or sqlite+aiosqlite, not {driver}")
    event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


# NaN is no JSON: MySQL refuses it, SQLite would keep what nobody else can read.
_json_text = partial(json.dumps, allow_nan=False, ensure_ascii=False)


def _mysql(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        isolation_level="READ COMMITTED",  # enough to compare and set; gap locks would cause deadlocks
        pool_pre_ping=True,
        pool_recycle=1800,  # seconds; proxies and servers drop idle connections sooner or later
        pool_size=10,
        pool_timeout=CONNECT_TIMEOUT_S,
        json_serializer=_json_text,
        connect_args={
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "init_command": f"SET SESSION innodb_lock_wait_timeout = {LOCK_TIMEOUT_S}",
        },
    )


def _sqlite(url: str, *, foreign_keys: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_timeout=LOCK_TIMEOUT_S,
        json_serializer=_json_text,
        connect_args={"timeout": LOCK_TIMEOUT_S, "isolation_level": None},  # transactions begin in _begin
    )

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",  # readers and the one writer do not wait for each other
            "synchronous = NORMAL",  # with WAL a power cut may lose the last commits, never consistency
            f"foreign_keys = {int(foreign_keys)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer: SQLite fails it at once.
    # So whoever may write takes the write lock when it begins, and waits for it up to LOCK_TIMEOUT_S.
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _translate(context: ExceptionContext) -> BaseException | None:
    cause: Any = context.original_exception
    if not isinstance(cause, Exception):
        return None  # our own task is cancelled: SQLAlchemy calls that a disconnect too, and it must not be tried again
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the primary code; higher bits refine it
        conflict, away, refused = code in _SQLITE_CONFLICTS, code in _SQLITE_AWAY, code in _SQLITE_REFUSED
    else:
        code = cause.args[0] if cause.args else None
        conflict, away, refused = code in _MYSQL_CONFLICTS, code in _MYSQL_AWAY, code in _MYSQL_REFUSED
    if conflict:
        return Conflict(str(cause))
    if refused:
        return DatabaseRefused(str(cause))
    if away or context.is_disconnect or isinstance(cause, OSError):
        return DatabaseAway(str(cause))
    return None
