"""The files of a session by path, and which photos nobody needs any more. The bytes are `storage.media`'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, exists, select, update

from storage.repositories.sql import changed, columns, one, rows
from storage.song_states import NEEDS_PHOTO, SongState
from storage.tables.columns import AssetType
from storage.tables.songs import Asset, Generation, Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_WITHOUT_SONG = (SongState.FAILED, SongState.CANCELLED)
_PORTRAITS: tuple[AssetType, ...] = ("image", "video")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRow:
    """A file that is kept or was removed."""

    id: int
    session_id: int
    type: AssetType
    path: str  # relative, as storage.media takes it
    mime: str
    md5: str
    created_at: datetime
    removed_at: datetime | None


class Assets:
    """Every file that was ever kept."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, *, session_id: int, kind: AssetType, path: str, mime: str, md5: str, now: datetime
    ) -> int:  # fmt: skip
        """Note a file; return its id.

        A photo's row is committed before the photo is written: a process killed in between then leaves no
        photo that the sweeper cannot find.
        """
        asset = Asset(session_id=session_id, type=kind, path=path, mime=mime, md5=md5, created_at=now)
        self._session.add(asset)
        await self._session.flush()
        return asset.id

    async def get(self, asset_id: int) -> AssetRow | None:
        statement = select(*columns(AssetRow, Asset)).where(Asset.id == asset_id)
        return await one(self._session, AssetRow, statement)

    async def of_session(self, session_id: int) -> list[AssetRow]:
        """List the files of a session that are still there, oldest first."""
        statement = (
            select(*columns(AssetRow, Asset))
            .where(Asset.session_id == session_id, Asset.removed_at.is_(None))
            .order_by(Asset.id)
        )
        return await rows(self._session, AssetRow, statement)

    async def of_user(self, user_id: int) -> list[AssetRow]:
        """List a person's files that are still there, oldest first, to export or to remove them."""
        statement = (
            select(*columns(AssetRow, Asset))
            .join(Session, Session.id == Asset.session_id)
            .where(Session.user_id == user_id, Asset.removed_at.is_(None))
            .order_by(Asset.id)
        )
        return await rows(self._session, AssetRow, statement)

    async def melodies_waiting(self, user_id: int) -> list[AssetRow]:
        """List a person's melodies that no song has used or is using, oldest first; failed songs have used none."""
        used = exists().where(Generation.session_id == Asset.session_id, Generation.status.not_in(_WITHOUT_SONG))
        statement = _melodies(user_id).where(~used).order_by(Asset.id)
        return await rows(self._session, AssetRow, statement)

    async def newest_melody(self, user_id: int, *, md5: str | None = None) -> AssetRow | None:
        """Return a person's last melody, or the last with these bytes, used or not."""
        statement = _melodies(user_id).order_by(Asset.id.desc()).limit(1)
        if md5 is not None:
            statement = statement.where(Asset.md5 == md5)
        return await one(self._session, AssetRow, statement)

    async def move(self, asset_id: int, *, to_session: int) -> None:
        """Move a file's row to another session; the file keeps its path."""
        await changed(self._session, update(Asset).where(Asset.id == asset_id).values(session_id=to_session))

    async def mark_removed(self, asset_id: int, *, now: datetime) -> bool:
        """Note that the file is gone; False when that was known."""
        there = (Asset.id == asset_id, Asset.removed_at.is_(None))
        return await changed(self._session, update(Asset).where(*there).values(removed_at=now)) == 1

    async def photos_left(self, *, before: datetime, limit: int) -> list[AssetRow]:
        """List photos and videos kept before `before` that no song still has to read, oldest first.

        That is so once every song of the session is past reading, however it ended, or none was ever begun.
        """
        needed = exists().where(Generation.session_id == Asset.session_id, Generation.status.in_(NEEDS_PHOTO))
        statement = (
            select(*columns(AssetRow, Asset))
            .where(Asset.type.in_(_PORTRAITS), Asset.removed_at.is_(None), Asset.created_at < before, ~needed)
            .order_by(Asset.created_at)
            .limit(limit)
        )
        return await rows(self._session, AssetRow, statement)


def _melodies(user_id: int) -> Select[Any]:
    return (
        select(*columns(AssetRow, Asset))
        .join(Session, Session.id == Asset.session_id)
        .where(Session.user_id == user_id, Asset.type == "melody", Asset.removed_at.is_(None))
    )
