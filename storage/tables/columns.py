"""What the tables have in common: the base class, the column types, the options that every table has.

Times are naive UTC with microseconds. Deleting a user deletes everything that hangs on them. Ids are never
given out twice, also not after a deletion: an old button must not find a new song. What is written here is
portable between MySQL 8, MariaDB 10.11 and SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.song_states import SongState

JsonObject: TypeAlias = Mapping[str, object]
AssetType = Literal["image", "video", "melody", "wav", "audio", "video_waveform"]
Vote = Literal["up", "down"]

USERNAME_LENGTH = 128  # Telegram's first and last name are up to 64 each


class UtcTime(TypeDecorator[datetime]):
    """Naive UTC; an aware time is refused, because databases would drop its zone without a word."""

    impl = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is not None:
            raise ValueError("times in the database are naive UTC")
        return value


ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only in an INTEGER primary key
JSON_COLUMN = JSON(none_as_null=True)
# Account ids are compared byte by byte; MySQL's default would take "Ann" for "ann", and SQLite would not.
EXACT = String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
STATE_COLUMN = Enum(SongState, native_enum=False, length=16, values_callable=lambda states: [s.value for s in states])
OPTIONS: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "sqlite_autoincrement": True,
}


class Base(DeclarativeBase):
    """Holds the metadata that migrations are checked against."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcTime(),
        float: Double(),
        JsonObject: JSON_COLUMN,
        list[str]: JSON_COLUMN,
    }
    __table_args__: Any = OPTIONS


def primary_key() -> Mapped[int]:
    return mapped_column(ID, primary_key=True, autoincrement=True)


def belongs_to(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE")
