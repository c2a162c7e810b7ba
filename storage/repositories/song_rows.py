"""What is read and written of a song: whole rows, a row of a person's list, what a stage adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from storage.song_states import SongState
from storage.tables.columns import JsonObject, Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRow:
    """Everything known about a song, with where and whose it is."""

    id: int
    session_id: int
    user_id: int
    username: str
    source: str  # the platform of its session
    take_of: int | None  # the song that this is another take of
    status: SongState
    emotion: str | None
    genre: str | None
    prompt_initial: str | None
    prompt_personalized: str | None
    brief: JsonObject | None
    params: JsonObject | None
    reason: JsonObject | None
    options: JsonObject | None
    model: str | None
    duration_sec: float | None
    wav_path: str | None
    audio_path: str | None
    video_path: str | None
    waveform_path: str | None
    audio_md5: str | None
    progress: float | None
    lease: str | None
    heartbeat_at: datetime
    attempts: int
    error_code: str | None
    error: JsonObject | None
    notified_at: datetime | None
    ask_until: datetime | None
    reply_to: JsonObject | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A song in a person's own list, with their vote and everybody's."""

    id: int
    status: SongState
    emotion: str | None
    genre: str | None
    model: str | None
    duration_sec: float | None
    audio_path: str | None
    take_of: int | None
    reply_to: JsonObject | None
    error_code: str | None
    created_at: datetime
    finished_at: datetime | None
    vote: Vote | None  # their own
    score: int | None
    comment: str | None
    up: int  # everyone's
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSongRow:
    """What an earlier song was like."""

    id: int
    emotion: str | None
    genre: str | None
    brief: JsonObject | None
    params: JsonObject | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleSong:
    """A song that the sweeper has to queue again: its lease expired, or its notice is missing."""

    id: int
    status: SongState
    attempts: int
    source: str


class SongColumns(TypedDict, total=False):
    """What a stage may write when it moves a song on."""

    emotion: str
    genre: str
    prompt_initial: str
    prompt_personalized: str
    brief: JsonObject
    params: JsonObject
    reason: JsonObject
    options: JsonObject
    model: str
    duration_sec: float
    wav_path: str
    audio_path: str
    video_path: str
    waveform_path: str
    audio_md5: str
    progress: float
    ask_until: datetime | None
