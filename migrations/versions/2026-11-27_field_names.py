"""Names that the field uses: arrivals become idempotency_keys, memos key_values, told_at becomes notified_at.

Rows are kept, up and down. A table gets its new name by being made anew and filled, since names of constraints and
indexes follow the table's, and SQLite can rename neither. Each part looks at what is there: on MySQL and MariaDB every
statement commits by itself, and a process that died between two is followed by one that begins anew.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EXACT = sa.String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("engine", "InnoDB"))
}
EVENT_COLUMNS = ("id", "platform", "event_key", "generation_id", "created_at")
VALUE_COLUMNS = ("name", "value")


def upgrade() -> None:
    _move_events("arrivals", "idempotency_keys")
    _move_values("memos", "key_values")
    _rename_column("told_at", "notified_at")


def downgrade() -> None:
    _rename_column("notified_at", "told_at")
    _move_values("key_values", "memos")
    _move_events("idempotency_keys", "arrivals")


def _move_events(old: str, new: str) -> None:
    if not _there(new):
        op.create_table(
            new,
            sa.Column("id", KEY, primary_key=True, autoincrement=True),
            sa.Column("platform", sa.String(16), nullable=False),
            sa.Column("event_key", EXACT, nullable=False),
            sa.Column("generation_id", KEY, sa.ForeignKey("generations.id", ondelete="CASCADE"), index=True),
            sa.Column("created_at", TIME, nullable=False),
            sa.UniqueConstraint("platform", "event_key"),
            sa.Index(None, "created_at"),
            sqlite_autoincrement=True,
            **OPTIONS,
        )
    _move_rows(old, new, EVENT_COLUMNS)


def _move_values(old: str, new: str) -> None:
    if not _there(new):
        op.create_table(
            new,
            sa.Column("name", EXACT, primary_key=True),
            sa.Column("value", sa.Text(), nullable=False),
            **OPTIONS,
        )
    _move_rows(old, new, VALUE_COLUMNS)


def _move_rows(old: str, new: str, columns: tuple[str, ...]) -> None:
    """Copy what is not there yet; the old table goes last, so that nothing is lost on the way."""
    if not _there(old):
        return
    key, *_ = columns
    source, target = sa.table(old, *map(sa.column, columns)), sa.table(new, *map(sa.column, columns))
    missing = sa.select(*source.c).where(source.c[key].not_in(sa.select(target.c[key])))
    op.execute(target.insert().from_select(list(columns), missing))
    op.drop_table(old)


def _rename_column(old: str, new: str) -> None:
    """Rename by plain SQL, which all three databases know: Alembic would copy SQLite's table of songs."""
    inspector = sa.inspect(op.get_bind())
    if old in {column["name"] for column in inspector.get_columns("generations")}:
        op.execute(f"ALTER TABLE generations RENAME COLUMN {old} TO {new}")
    present = {index["name"] for index in inspector.get_indexes("generations")}
    if f"ix_generations_status_{new}" not in present:
        op.create_index(f"ix_generations_status_{new}", "generations", ["status", new])
    if f"ix_generations_status_{old}" in present:
        op.drop_index(f"ix_generations_status_{old}", "generations")


def _there(table: str) -> bool:
    return sa.inspect(op.get_bind()).has_table(table)
