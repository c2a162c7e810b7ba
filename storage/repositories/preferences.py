"""What a listener asks of every song: genres, instruments, tempo, and what to leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

from sqlalchemy import select

from storage.repositories.sql import columns, write_one
from storage.tables.people import UserPreferences

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesRow:
    """A listener's preferences; empty when they set none."""

    fav_genres: tuple[str, ...] = ()
    fav_instruments: tuple[str, ...] = ()
    bpm_min: int | None = None
    bpm_max: int | None = None
    negative_prompts: str = ""  # free text, commas between


class PreferenceColumns(TypedDict, total=False):
    """Fields to set; None forgets one, a missing one stays as it was."""

    fav_genres: Sequence[str] | None
    fav_instruments: Sequence[str] | None
    bpm_min: int | None
    bpm_max: int | None
    negative_prompts: str | None


class Preferences:
    """Everybody's preferences."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: int) -> PreferencesRow:
        found = await self._session.execute(
            select(*columns(PreferencesRow, UserPreferences)).where(UserPreferences.user_id == user_id)
        )
        row = found.one_or_none()
        if row is None:
            return PreferencesRow()
        return PreferencesRow(
            fav_genres=tuple(row.fav_genres or ()),
            fav_instruments=tuple(row.fav_instruments or ()),
            bpm_min=row.bpm_min,
            bpm_max=row.bpm_max,
            negative_prompts=row.negative_prompts or "",
        )

    async def set(self, user_id: int, **given: Unpack[PreferenceColumns]) -> bool:
        """Set only the given fields; False when there is no such user."""
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
        return await write_one(self._session, UserPreferences, user_id=user_id, key={"user_id": user_id}, given=values)
