"""Moods that were read in a session's photo or video (the table `emotions`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.repositories.sql import columns, one, rows
from storage.tables.columns import JsonObject
from storage.tables.songs import Emotion

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionRow:
    """One reading; `extra` holds scores, faces and segments."""

    id: int
    session_id: int
    emotion: str
    confidence: float
    frame_ts: float | None  # seconds into a video
    extra: JsonObject | None
    created_at: datetime


class Emotions:
    """All readings."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        *,
        session_id: int,
        emotion: str,
        confidence: float,
        now: datetime,
        frame_ts: float | None = None,
        extra: JsonObject | None = None,
    ) -> int:
        """Keep a reading; return its id."""
        mood = Emotion(
            session_id=session_id,
            emotion=emotion,
            confidence=confidence,
            frame_ts=frame_ts,
            extra=extra,
            created_at=now,
        )
        self._session.add(mood)
        await self._session.flush()
        return mood.id

    async def for_session(self, session_id: int) -> list[EmotionRow]:
        """List a session's readings, oldest first."""
        statement = select(*columns(EmotionRow, Emotion)).where(Emotion.session_id == session_id).order_by(Emotion.id)
        return await rows(self._session, EmotionRow, statement)

    async def latest(self, session_id: int) -> EmotionRow | None:
        """Return the last reading that is about the whole photo or video, not one frame."""
        statement = (
            select(*columns(EmotionRow, Emotion))
            .where(Emotion.session_id == session_id, Emotion.frame_ts.is_(None))
            .order_by(Emotion.id.desc())
            .limit(1)
        )
        return await one(self._session, EmotionRow, statement)

    async def latest_of(self, session_ids: Collection[int]) -> dict[int, EmotionRow]:
        """Return the last whole reading of each session that has one."""
        if not session_ids:
            return {}
        statement = (
            select(*columns(EmotionRow, Emotion))
            .where(Emotion.session_id.in_(session_ids), Emotion.frame_ts.is_(None))
            .order_by(Emotion.id)
        )
        return {mood.session_id: mood for mood in await rows(self._session, EmotionRow, statement)}
