"""The tables of what came in and waits: events to be handled, selfies whose senders have yet to accept.

Their people may be unknown yet, so rows name an account instead of a user; deleting a user removes none of them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.columns import EXACT, OPTIONS, Base, primary_key

# MySQL's TEXT ends at 64 KiB; a long message that answers another, with its formatting, has more.
LONG_TEXT = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


class InboxEvent(Base):
    """An event that is acknowledged to its platform and not yet handled."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "event_key"),
        Index(None, "platform", "order_key"),
        Index(None, "platform", "account_id"),
        Index(None, "received_at"),
        OPTIONS,
    )

    id: Mapped[int] = primary_key()
    platform: Mapped[str] = mapped_column(String(16))
    event_key: Mapped[str] = mapped_column(EXACT)
    order_key: Mapped[str] = mapped_column(EXACT)  # events that share it are handled one after another
    account_id: Mapped[str | None] = mapped_column(EXACT)  # whose event it is
    payload: Mapped[str] = mapped_column(LONG_TEXT)
    received_at: Mapped[datetime]


class PendingSelfie(Base):
    """A person's last selfie before they accepted what happens with photos: where it is, never what it shows."""

    __tablename__ = "pending_selfies"
    __table_args__ = (Index(None, "since"), {**OPTIONS, "sqlite_autoincrement": False})

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[str] = mapped_column(EXACT, primary_key=True)
    since: Mapped[datetime]
    payload: Mapped[str] = mapped_column(Text)
