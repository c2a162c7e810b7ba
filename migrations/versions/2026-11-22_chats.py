"""What chats need: consent, questions, status cards, the outbox, events already seen, link codes, named values."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EXACT = sa.String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
TABLES = ("cards", "deliveries", "arrivals", "link_codes", "memos")


def upgrade() -> None:
    op.add_column("users", sa.Column("accepted_at", TIME))
    op.add_column("generations", sa.Column("ask_until", TIME))
    op.create_index("ix_generations_status_ask_until", "generations", ["status", "ask_until"])
    _cards()
    _deliveries()
    _small_tables()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_generations_status_ask_until", "generations")
    with op.batch_alter_table("generations") as generations:
        generations.drop_column("ask_until")
    with op.batch_alter_table("users") as users:
        users.drop_column("accepted_at")


def _cards() -> None:
    _table(
        "cards",
        _owner("generation_id", "generations.id", key=True),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("message_ref", sa.JSON()),
        sa.Column("shown", sa.CHAR(32)),
        sa.Column("claimed", sa.CHAR(32)),
        sa.Column("closing", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Index(None, "platform", "closed", "due_at"),
    )


def _deliveries() -> None:
    _table(
        "deliveries",
        _id(),
        _owner("generation_id", "generations.id"),
        sa.Column("kind", sa.Enum("song", "notice", name="kind"), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("nonce", sa.String(25), nullable=False),
        sa.Column("message_ref", sa.JSON()),
        sa.Column("message_key", sa.String(128)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("votes_due_at", TIME),
        sa.Column("votes_shown_at", TIME),
        sa.UniqueConstraint("generation_id", "kind"),
        sa.Index(None, "platform", "message_key"),
        sa.Index(None, "platform", "votes_due_at"),
        numbered=True,
    )


def _small_tables() -> None:
    _table(
        "arrivals",
        _id(),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("event_key", EXACT, nullable=False),
        sa.Column("generation_id", KEY, sa.ForeignKey("generations.id", ondelete="CASCADE"), index=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.UniqueConstraint("platform", "event_key"),
        sa.Index(None, "created_at"),
        numbered=True,
    )
    _table(
        "link_codes",
        _owner("user_id", "users.id", key=True),
        sa.Column("code_hash", sa.CHAR(64), unique=True),
        sa.Column("expires_at", TIME),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tries_since", TIME),
    )
    _table(
        "memos",
        sa.Column("name", EXACT, primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )


def _table(name: str, *columns: sa.schema.SchemaItem, numbered: bool = False) -> None:
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in (("charset", "utf8mb4"), ("engine", "InnoDB"))
    }
    op.create_table(name, *columns, sqlite_autoincrement=numbered, **options)


def _id() -> sa.Column[int]:
    return sa.Column("id", KEY, primary_key=True, autoincrement=True)


def _owner(name: str, column: str, *, key: bool = False) -> sa.Column[int]:
    owner = sa.ForeignKey(column, ondelete="CASCADE")
    if key:
        return sa.Column(name, KEY, owner, primary_key=True, autoincrement=False)
    return sa.Column(name, KEY, owner, nullable=False)
