"""The tables of what chats are sent: status cards, and the outbox of songs and notices."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import CHAR, Enum, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.columns import ID, OPTIONS, Base, JsonObject

Kind = Literal["song", "notice"]


class DeliveryState(StrEnum):
    """Where a message of the outbox stands; the value is in the database."""

    PENDING = "pending"  # not sent, or known not to have arrived
    SENDING = "sending"  # handed to the platform; after a crash nobody knows more
    SENT = "sent"
    AMBIGUOUS = "ambiguous"  # handed over, and the platform cannot tell: the person is asked
    KEPT = "kept"  # nowhere to send it: found under history


class StatusCard(Base):
    """The one message that shows how far a song is."""

    __tablename__ = "cards"
    __table_args__ = (
        Index(None, "platform", "closed", "due_at"),
        {**OPTIONS, "sqlite_autoincrement": False},
    )

    generation_id: Mapped[int] = mapped_column(
        ID, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    platform: Mapped[str] = mapped_column(String(16))
    message_ref: Mapped[JsonObject | None]  # where the message stands; NULL until it was sent
    shown: Mapped[str | None] = mapped_column(CHAR(32))  # md5 of what it shows
    claimed: Mapped[str | None] = mapped_column(CHAR(32))  # md5 of what a process is about to show
    closing: Mapped[bool]  # `claimed` is the last thing to show
    closed: Mapped[bool]
    in_group: Mapped[bool] = mapped_column("slow")  # many people read there: it moves less often
    due_at: Mapped[datetime]  # not to be changed before


class Delivery(Base):
    """A message to send exactly once; committed before it is sent."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("generation_id", "kind"),
        Index(None, "platform", "message_key"),
        Index(None, "platform", "votes_due_at"),
        OPTIONS,
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=True)
    generation_id: Mapped[int] = mapped_column(ID, ForeignKey("generations.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(Enum("song", "notice", name="kind"))
    platform: Mapped[str] = mapped_column(String(16))
    status: Mapped[DeliveryState] = mapped_column(
        Enum(DeliveryState, native_enum=False, length=16, values_callable=lambda kinds: [k.value for k in kinds])
    )
    nonce: Mapped[str] = mapped_column(String(25))
    message_ref: Mapped[JsonObject | None]
    message_key: Mapped[str | None] = mapped_column(String(128))  # message_ref's "key", to be searched
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    votes_due_at: Mapped[datetime | None]  # when the counts on the buttons are to follow; NULL: they are right
    votes_shown_at: Mapped[datetime | None]
