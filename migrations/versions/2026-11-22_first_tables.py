"""The first tables. Constraints and indexes get their names from the naming convention in storage.tables.columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
EXACT = sa.String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
TABLES = (
    "users",
    "chat_accounts",
    "user_profiles",
    "user_preferences",
    "sessions",
    "assets",
    "emotions",
    "generations",
    "feedbacks",
    "events",
)


def upgrade() -> None:
    _people()
    _sessions()
    _songs()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _people() -> None:
    _table(
        "users",
        sa.Column("username", sa.String(128), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    _table(
        "chat_accounts",
        _owner("user_id", "users.id"),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("account_id", EXACT, nullable=False),
        sa.UniqueConstraint("platform", "account_id"),
    )
    _table(
        "user_profiles",
        sa.Column("age", sa.Integer()),
        sa.Column("gender", sa.String(32)),
        sa.Column("locale", sa.String(16)),
        sa.Column("notes", sa.Text()),
        key=_person(),
    )
    _table(
        "user_preferences",
        sa.Column("fav_genres", sa.JSON()),
        sa.Column("fav_instruments", sa.JSON()),
        sa.Column("bpm_min", sa.Integer()),
        sa.Column("bpm_max", sa.Integer()),
        sa.Column("negative_prompts", sa.Text()),
        key=_person(),
    )


def _sessions() -> None:
    _table(
        "sessions",
        _owner("user_id", "users.id"),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
    )
    kinds = ("image", "video", "melody", "wav", "audio", "video_waveform")
    _table(
        "assets",
        _owner("session_id", "sessions.id"),
        sa.Column("type", sa.Enum(*kinds, name="asset_type"), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("mime", sa.String(64), nullable=False),
        sa.Column("md5", sa.CHAR(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("removed_at", TIME),
        sa.Index(None, "type", "removed_at", "created_at"),
    )
    _table(
        "emotions",
        _owner("session_id", "sessions.id"),
        sa.Column("emotion", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("frame_ts", sa.Double()),
        sa.Column("extra", sa.JSON()),
        sa.Column("created_at", TIME, nullable=False),
    )
    _table(
        "events",
        _owner("session_id", "sessions.id"),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("event_type", sa.String(48), nullable=False),
        sa.Column("payload_json", sa.JSON()),
        sa.Column("ts", TIME, nullable=False),
    )


def _songs() -> None:
    _table(
        "generations",
        _owner("session_id", "sessions.id"),
        _owner("user_id", "users.id", index=False),
        sa.Column("take_of", KEY, sa.ForeignKey("generations.id", ondelete="SET NULL"), index=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("emotion", sa.String(16)),
        sa.Column("genre", sa.String(64)),
        sa.Column("prompt_initial", sa.Text()),
        sa.Column("prompt_personalized", sa.Text()),
        sa.Column("brief_json", sa.JSON()),
        sa.Column("params_json", sa.JSON()),
        sa.Column("reason_json", sa.JSON()),
        sa.Column("wish_json", sa.JSON()),
        sa.Column("model", sa.String(64)),
        sa.Column("duration_sec", sa.Double()),
        sa.Column("wav_path", sa.String(255)),
        sa.Column("audio_path", sa.String(255)),
        sa.Column("video_path", sa.String(255)),
        sa.Column("waveform_path", sa.String(255)),
        sa.Column("audio_md5", sa.CHAR(32)),
        sa.Column("progress", sa.Double()),
        sa.Column("lease", sa.String(64)),
        sa.Column("heartbeat_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(40)),
        sa.Column("error_json", sa.JSON()),
        sa.Column("told_at", TIME),
        sa.Column("reply_to", sa.JSON()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Index(None, "user_id", "status", "id"),
        sa.Index(None, "user_id", "id"),
        sa.Index(None, "status", "heartbeat_at"),
        sa.Index(None, "status", "told_at"),
    )
    _table(
        "feedbacks",
        _owner("generation_id", "generations.id", index=False),
        _owner("user_id", "users.id", index=False),
        sa.Column("score", sa.Integer()),
        sa.Column("vote", sa.Enum("up", "down", name="vote")),
        sa.Column("comment", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.UniqueConstraint("generation_id", "user_id"),
        sa.CheckConstraint("score BETWEEN 0 AND 5", name="score"),
        sa.Index(None, "user_id", "updated_at"),
    )


def _table(name: str, *columns: sa.schema.SchemaItem, key: sa.Column[int] | None = None) -> None:
    numbered = key is None
    if key is None:
        key = sa.Column("id", KEY, primary_key=True, autoincrement=True)
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in (("charset", "utf8mb4"), ("engine", "InnoDB"))
    }
    op.create_table(name, key, *columns, sqlite_autoincrement=numbered, **options)


def _owner(name: str, column: str, *, index: bool = True) -> sa.Column[int]:
    return sa.Column(name, KEY, sa.ForeignKey(column, ondelete="CASCADE"), nullable=False, index=index)


def _person() -> sa.Column[int]:
    owner = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column("user_id", KEY, owner, primary_key=True, autoincrement=False)
