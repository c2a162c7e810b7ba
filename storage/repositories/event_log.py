"""The log of what each agent did, for people who look back; no decision depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.repositories.sql import columns, rows
from storage.tables.columns import JsonObject
from storage.tables.songs import Event

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One thing an agent did."""

    id: int
    session_id: int
    agent: str
    event_type: str
    payload: JsonObject | None
    ts: datetime


class EventLog:
    """The events of all sessions."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, *, session_id: int, agent: str, event_type: str, payload: JsonObject | None, ts: datetime
    ) -> int:  # fmt: skip
        """Keep what happened; return its id."""
        event = Event(session_id=session_id, agent=agent, event_type=event_type, payload=payload, ts=ts)
        self._session.add(event)
        await self._session.flush()
        return event.id

    async def for_session(self, session_id: int) -> list[EventRow]:
        """List a session's events, oldest first."""
        statement = select(*columns(EventRow, Event)).where(Event.session_id == session_id).order_by(Event.id)
        return await rows(self._session, EventRow, statement)

    async def recent_renders(self, *, limit: int) -> list[JsonObject]:
        """Give the payloads of the last renders, newest first."""
        statement = (
            select(Event.payload)
            .where(Event.agent == "compose", Event.event_type == "rendered")
            .order_by(Event.id.desc())
            .limit(limit)
        )
        return [payload for payload in await self._session.scalars(statement) if payload]
