"""The tables that outlive a process: events already handled, and named values."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.columns import EXACT, ID, OPTIONS, Base


class IdempotencyKey(Base):
    """An event's key on its platform, so that the same event is handled once."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("platform", "event_key"), Index(None, "created_at"), OPTIONS)

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=True)
    platform: Mapped[str] = mapped_column(String(16))
    event_key: Mapped[str] = mapped_column(EXACT)
    generation_id: Mapped[int | None] = mapped_column(ID, ForeignKey("generations.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class KeyValue(Base):
    """A value under a name."""

    __tablename__ = "key_values"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    name: Mapped[str] = mapped_column(EXACT, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
