"""The inbox and the pending selfies get tables of their own; until now they were named values among others.

Rows move, up and down, and a value goes in the transaction in which its row comes. What was kept of an update is as its
platform sent it: its sender is looked up there, to keep each person's updates in their order. Parts of an album have no
order: they wait for one another. Each part of the step looks at what is there, as in 0003.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EXACT = sa.String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("engine", "InnoDB"))
}
HELD, WAITING = ".held:", "waiting:"  # "<platform>.held:<event>" and "waiting:<platform>:<account>"

VALUES = sa.table("key_values", sa.column("name", EXACT), sa.column("value", sa.Text()))
INBOX = sa.table(
    "inbox",
    *(sa.column(name, EXACT) for name in ("platform", "event_key", "order_key", "account_id")),
    sa.column("payload", LONG_TEXT),
    sa.column("received_at", TIME),
)
SELFIES = sa.table(
    "pending_selfies",
    *(sa.column(name, EXACT) for name in ("platform", "account_id")),
    sa.column("payload", sa.Text()),
    sa.column("since", TIME),
)


def upgrade() -> None:
    _make_inbox()
    _make_selfies()
    for name, value in _named(f"%{HELD}%"):
        platform, _, event = name.partition(HELD)
        _move_value(name, INBOX, {"platform": platform, "event_key": event}, _stored(event, value))
    for name, value in _named(f"{WAITING}%"):
        _, platform, account = name.split(":", 2)
        since = datetime.fromisoformat(json.loads(value)["since"])
        key = {"platform": platform, "account_id": account}
        _move_value(name, SELFIES, key, {"payload": value, "since": since})


def downgrade() -> None:
    if _there("inbox"):
        for row in _rows(INBOX):
            _keep_value(f"{row['platform']}{HELD}{row['event_key']}", row["payload"])
        op.drop_table("inbox")
    if _there("pending_selfies"):
        for row in _rows(SELFIES):
            _keep_value(f"{WAITING}{row['platform']}:{row['account_id']}", row["payload"])
        op.drop_table("pending_selfies")


def _make_inbox() -> None:
    if _there("inbox"):
        return
    op.create_table(
        "inbox",
        sa.Column("id", KEY, primary_key=True, autoincrement=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("event_key", EXACT, nullable=False),
        sa.Column("order_key", EXACT, nullable=False),
        sa.Column("account_id", EXACT),
        sa.Column("payload", LONG_TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.UniqueConstraint("platform", "event_key"),
        sa.Index(None, "platform", "order_key"),
        sa.Index(None, "platform", "account_id"),
        sa.Index(None, "received_at"),
        sqlite_autoincrement=True,
        **OPTIONS,
    )


def _make_selfies() -> None:
    if _there("pending_selfies"):
        return
    op.create_table(
        "pending_selfies",
        sa.Column("platform", sa.String(16), primary_key=True),
        sa.Column("account_id", EXACT, primary_key=True),
        sa.Column("since", TIME, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Index(None, "since"),
        **OPTIONS,
    )


def _stored(event: str, value: str) -> dict[str, object]:
    """Give the columns of a kept update besides its key."""
    parts = [part for part in json.loads(value).values() if isinstance(part, dict)]
    people = [person for part in parts for person in (part.get("from"), part.get("user")) if isinstance(person, dict)]
    account = str(people[0]["id"]) if people else None
    alone = account is None or any("media_group_id" in part for part in parts)
    return {
        "order_key": f"u{event}" if alone else account,
        "account_id": account,
        "payload": value,
        "received_at": datetime.now(UTC).replace(tzinfo=None),
    }


def _move_value(name: str, table: sa.TableClause, key: Mapping[str, object], columns: Mapping[str, object]) -> None:
    bind = op.get_bind()
    same = [table.c[column] == value for column, value in key.items()]
    if bind.scalar(sa.select(sa.func.count()).select_from(table).where(*same)) == 0:
        bind.execute(sa.insert(table).values(**key, **columns))
    bind.execute(sa.delete(VALUES).where(VALUES.c.name == name))


def _keep_value(name: str, value: str) -> None:
    bind = op.get_bind()
    if bind.scalar(sa.select(sa.func.count()).select_from(VALUES).where(VALUES.c.name == name)) == 0:
        bind.execute(sa.insert(VALUES).values(name=name, value=value))


def _named(pattern: str) -> list[tuple[str, str]]:
    """List the values whose names fit, the older updates first."""
    found = op.get_bind().execute(sa.select(VALUES.c.name, VALUES.c.value).where(VALUES.c.name.like(pattern)))
    return sorted(((row.name, row.value) for row in found), key=lambda named: (len(named[0]), named[0]))


def _rows(table: sa.TableClause) -> Sequence[sa.RowMapping]:
    return op.get_bind().execute(sa.select(*table.c)).mappings().all()


def _there(table: str) -> bool:
    return sa.inspect(op.get_bind()).has_table(table)
