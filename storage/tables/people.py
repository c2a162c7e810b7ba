"""The tables of people: users, their chat accounts, profiles, preferences and link codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.columns import EXACT, ID, OPTIONS, USERNAME_LENGTH, Base, belongs_to, primary_key


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = primary_key()
    username: Mapped[str] = mapped_column(String(USERNAME_LENGTH))
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]  # when they accepted what happens with photos


class ChatAccount(Base):
    __tablename__ = "chat_accounts"
    __table_args__ = (UniqueConstraint("platform", "account_id"), OPTIONS)

    id: Mapped[int] = primary_key()
    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(EXACT)


class UserProfile(Base):
    __tablename__ = "user_profiles"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"), primary_key=True, autoincrement=False)
    age: Mapped[int | None]
    gender: Mapped[str | None] = mapped_column(String(32))
    locale: Mapped[str | None] = mapped_column(String(16))
    notes: Mapped[str | None] = mapped_column(Text)


class UserPreferences(Base):
    __tablename__ = "user_preferences"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    user_id: Mapped[int] = mapped_column(ID, belongs_to("users.id"), primary_key=True, autoincrement=False)
    fav_genres: Mapped[list[str] | None]
    fav_instruments: Mapped[list[str] | None]
    bpm_min: Mapped[int | None]
    bpm_max: Mapped[int | None]
    negative_prompts: Mapped[str | None] = mapped_column(Text)


class LinkCode(Base):
    """A person's open link code, and how often they typed wrong ones."""

    __tablename__ = "link_codes"
    __table_args__ = {**OPTIONS, "sqlite_autoincrement": False}  # noqa: RUF012 - declarative's own protocol

    user_id: Mapped[int] = mapped_column(
        ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    code_hash: Mapped[str | None] = mapped_column(CHAR(64), unique=True)  # sha256
    expires_at: Mapped[datetime | None]
    tries: Mapped[int]
    tries_since: Mapped[datetime | None]
