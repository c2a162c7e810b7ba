"""The tables, as mapped classes, for repositories and migrations alone; rows leave as frozen dataclasses.

Times are naive UTC with microseconds. Deleting a user deletes everything that hangs on them. Ids are never
given out twice, also not after a deletion: an old button must not find a new song. What is written here is
portable between MySQL 8, MariaDB 10.11 and SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias

from sqlalchemy import (
    CHAR,
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.states import State

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
_Json = JSON(none_as_null=True)
# Account ids are compared byte by byte; MySQL's default would take "Ann" for "ann", and SQLite would not.
EXACT = String(64).with_variant(mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
_State = Enum(State, native_enum=False, length=16, values_callable=lambda states: [s.value for s in states])
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
        JsonObject: _Json,
        list[str]: _Json,
    }
    __table_args__: Any = OPTIONS


def _id() -> Mapped[int]:
    return mapped_column(ID, primary_key=True, autoincrement=True)


def _belongs_to(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = _id()
    username: Mapped[str] = mapped_column(String(USERNAME_LENGTH))
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]  # when they accepted what happens with photos


class ChatAccount(Base):
    __tablename__ = "chat_accounts"
    __table_args__ = (UniqueConstraint("platform", "account_id"), OPTIONS)

    id: Mapped[int] = _id()
    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(EXACT)


class UserProfile(Base):
    __tablename__ = "user_profiles"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"), primary_key=True, autoincrement=False)
    age: Mapped[int | None]
    gender: Mapped[str | None] = mapped_column(String(32))
    locale: Mapped[str | None] = mapped_column(String(16))
    notes: Mapped[str | None] = mapped_column(Text)


class UserPreferences(Base):
    __tablename__ = "user_preferences"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"), primary_key=True, autoincrement=False)
    fav_genres: Mapped[list[str] | None]
    fav_instruments: Mapped[list[str] | None]
    bpm_min: Mapped[int | None]
    bpm_max: Mapped[int | None]
    negative_prompts: Mapped[str | None] = mapped_column(Text)


class Session(Base):
    """One occasion on which a person sent something: its files, moods, songs and events hang on it."""

    __tablename__ = "sessions"

    id: Mapped[int] = _id()
    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"), index=True)
    started_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(16))  # "discord", "telegram", "cli"


class Asset(Base):
    """A file by its relative path; the row outlives the file (`removed_at`)."""

    __tablename__ = "assets"
    __table_args__ = (Index(None, "type", "removed_at", "created_at"), OPTIONS)

    id: Mapped[int] = _id()
    session_id: Mapped[int] = mapped_column(ID, _belongs_to("sessions.id"), index=True)
    type: Mapped[AssetType] = mapped_column(
        Enum("image", "video", "melody", "wav", "audio", "video_waveform", name="asset_type")
    )
    path: Mapped[str] = mapped_column(String(255))
    mime: Mapped[str] = mapped_column(String(64))
    md5: Mapped[str] = mapped_column(CHAR(32))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Emotion(Base):
    """A mood read in a face; `frame_ts` is seconds into a video, NULL for a photo."""

    __tablename__ = "emotions"

    id: Mapped[int] = _id()
    session_id: Mapped[int] = mapped_column(ID, _belongs_to("sessions.id"), index=True)
    emotion: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    frame_ts: Mapped[float | None]
    extra: Mapped[JsonObject | None]
    created_at: Mapped[datetime]


class Generation(Base):
    """A song and its way; `storage.songs` alone changes it."""

    __tablename__ = "generations"
    __table_args__ = (
        Index(None, "user_id", "status", "id"),  # the last delivered songs of a listener
        Index(None, "user_id", "id"),  # history
        Index(None, "status", "heartbeat_at"),  # songs that stopped moving
        Index(None, "status", "told_at"),  # failures nobody was told of
        Index(None, "status", "ask_until"),  # questions that ran out
        OPTIONS,
    )

    id: Mapped[int] = _id()
    session_id: Mapped[int] = mapped_column(ID, _belongs_to("sessions.id"), index=True)
    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"))  # the session's, kept here for history
    take_of: Mapped[int | None] = mapped_column(ID, ForeignKey("generations.id", ondelete="SET NULL"), index=True)
    status: Mapped[State] = mapped_column(_State)
    emotion: Mapped[str | None] = mapped_column(String(16))
    genre: Mapped[str | None] = mapped_column(String(64))
    prompt_initial: Mapped[str | None] = mapped_column(Text)
    prompt_personalized: Mapped[str | None] = mapped_column(Text)
    brief: Mapped[JsonObject | None] = mapped_column("brief_json")
    params: Mapped[JsonObject | None] = mapped_column("params_json")
    reason: Mapped[JsonObject | None] = mapped_column("reason_json")
    wish: Mapped[JsonObject | None] = mapped_column("wish_json")
    model: Mapped[str | None] = mapped_column(String(64))
    duration_sec: Mapped[float | None]
    wav_path: Mapped[str | None] = mapped_column(String(255))
    audio_path: Mapped[str | None] = mapped_column(String(255))
    video_path: Mapped[str | None] = mapped_column(String(255))
    waveform_path: Mapped[str | None] = mapped_column(String(255))
    audio_md5: Mapped[str | None] = mapped_column(CHAR(32))
    progress: Mapped[float | None]
    lease: Mapped[str | None] = mapped_column(String(64))  # who works on it; NULL when nobody does
    heartbeat_at: Mapped[datetime]
    attempts: Mapped[int]  # claims of the present stage
    error_code: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[JsonObject | None] = mapped_column("error_json")
    told_at: Mapped[datetime | None]  # when the person heard of the failure, or was asked about the delivery
    ask_until: Mapped[datetime | None]  # while `asking`: when the best guess is taken
    reply_to: Mapped[JsonObject | None]  # the platform's address of the person
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Feedback(Base):
    """What one person thinks of one song: a vote, a score, a comment, each of them optional."""

    __tablename__ = "feedbacks"
    __table_args__ = (
        UniqueConstraint("generation_id", "user_id"),
        Index(None, "user_id", "updated_at"),  # the last votes of a listener
        CheckConstraint("score BETWEEN 0 AND 5", name="score"),
        OPTIONS,
    )

    id: Mapped[int] = _id()
    generation_id: Mapped[int] = mapped_column(ID, _belongs_to("generations.id"))
    user_id: Mapped[int] = mapped_column(ID, _belongs_to("users.id"))
    score: Mapped[int | None]
    vote: Mapped[Vote | None] = mapped_column(Enum("up", "down", name="vote"))
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Event(Base):
    """What an agent did, for people who look back: which writer, why a fallback, how long."""

    __tablename__ = "events"

    id: Mapped[int] = _id()
    session_id: Mapped[int] = mapped_column(ID, _belongs_to("sessions.id"), index=True)
    agent: Mapped[str] = mapped_column(String(32))
    event_type: Mapped[str] = mapped_column(String(48))
    payload: Mapped[JsonObject | None] = mapped_column("payload_json")
    ts: Mapped[datetime]
