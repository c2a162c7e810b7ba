"""The tables of songs: sessions, files, moods, generations, feedbacks and events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.song_states import SongState
from storage.tables.columns import ID, OPTIONS, STATE_COLUMN, AssetType, Base, JsonObject, Vote, belongs_to, primary_key


class Session(Base):
    """One occasion on which a person sent something: its files, moods, songs and events hang on it."""

    __tablename__ = "sessions"

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"), index=True)
    started_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(16))  # "discord", "telegram", "cli"


class Asset(Base):
    """A file by its relative path; the row outlives the file (`removed_at`)."""

    __tablename__ = "assets"
    __table_args__ = (Index(None, "type", "removed_at", "created_at"), OPTIONS)

    id: Mapped[int] = primary_key()
    session_id: Mapped[int] = mapped_column(ID, belongs_to("sessions.id"), index=True)
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

    id: Mapped[int] = primary_key()
    session_id: Mapped[int] = mapped_column(ID, belongs_to("sessions.id"), index=True)
    emotion: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    frame_ts: Mapped[float | None]
    extra: Mapped[JsonObject | None]
    created_at: Mapped[datetime]


class Generation(Base):
    """A song and its way; `storage.repositories.songs` alone changes it."""

    __tablename__ = "generations"
    __table_args__ = (
        Index(None, "user_id", "status", "id"),  # the last delivered songs of a listener
        Index(None, "user_id", "id"),  # history
        Index(None, "status", "heartbeat_at"),  # songs that stopped moving
        Index(None, "status", "notified_at"),  # failures nobody was told of
        Index(None, "status", "ask_until"),  # questions that ran out
        OPTIONS,
    )

    id: Mapped[int] = primary_key()
    session_id: Mapped[int] = mapped_column(ID, belongs_to("sessions.id"), index=True)
    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"))  # the session's, kept here for history
    take_of: Mapped[int | None] = mapped_column(ID, ForeignKey("generations.id", ondelete="SET NULL"), index=True)
    status: Mapped[SongState] = mapped_column(STATE_COLUMN)
    emotion: Mapped[str | None] = mapped_column(String(16))
    genre: Mapped[str | None] = mapped_column(String(64))
    prompt_initial: Mapped[str | None] = mapped_column(Text)
    prompt_personalized: Mapped[str | None] = mapped_column(Text)
    brief: Mapped[JsonObject | None] = mapped_column("brief_json")
    params: Mapped[JsonObject | None] = mapped_column("params_json")
    reason: Mapped[JsonObject | None] = mapped_column("reason_json")
    options: Mapped[JsonObject | None] = mapped_column("wish_json")
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
    notified_at: Mapped[datetime | None]  # when the person heard of the failure, or was asked about the delivery
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

    id: Mapped[int] = primary_key()
    generation_id: Mapped[int] = mapped_column(ID, belongs_to("generations.id"))
    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"))
    score: Mapped[int | None]
    vote: Mapped[Vote | None] = mapped_column(Enum("up", "down", name="vote"))
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Event(Base):
    """What an agent did, for people who look back: which writer, why a fallback, how long."""

    __tablename__ = "events"

    id: Mapped[int] = primary_key()
    session_id: Mapped[int] = mapped_column(ID, belongs_to("sessions.id"), index=True)
    agent: Mapped[str] = mapped_column(String(32))
    event_type: Mapped[str] = mapped_column(String(48))
    payload: Mapped[JsonObject | None] = mapped_column("payload_json")
    ts: Mapped[datetime]
