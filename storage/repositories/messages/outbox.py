"""The outbox: messages that must arrive exactly once, and where they stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.repositories.sql import changed, columns, one
from storage.tables.columns import JsonObject
from storage.tables.messages import Delivery, DeliveryState, Kind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message of the outbox."""

    id: int
    generation_id: int
    kind: Kind
    platform: str
    status: DeliveryState
    nonce: str
    message_ref: JsonObject | None
    attempts: int
    created_at: datetime
    updated_at: datetime


class Outbox:
    """Everything that was or is to be sent."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ensure(self, song_id: int, kind: Kind, *, platform: str, nonce: str, now: datetime) -> DeliveryRow:
        """Return the message's row, made if new; the nonce of the first time stays."""
        known = await self.of(song_id, kind)
        if known is not None:
            return known
        values = {
            "generation_id": song_id,
            "kind": kind,
            "platform": platform,
            "status": DeliveryState.PENDING,
            "nonce": nonce,
            "attempts": 0,
            "created_at": now,
            "updated_at": now,
        }
        try:
            async with self._session.begin_nested():
                await self._session.execute(insert(Delivery).values(**values))
        except IntegrityError:  # another process was first, or the song is gone
            other = await self.of(song_id, kind)
            if other is None:
                raise
            return other
        made = await self.of(song_id, kind)
        assert made is not None
        return made

    async def of(self, song_id: int, kind: Kind) -> DeliveryRow | None:
        mine = (Delivery.generation_id == song_id, Delivery.kind == kind)
        return await one(self._session, DeliveryRow, select(*columns(DeliveryRow, Delivery)).where(*mine))

    async def move(self, row: DeliveryRow, to: DeliveryState, *, now: datetime, ref: JsonObject | None = None) -> bool:
        """Compare and set the status; beginning to send counts an attempt. False: somebody else moved it."""
        values: dict[str, object] = {"status": to, "updated_at": now}
        if to is DeliveryState.SENDING:
            values["attempts"] = Delivery.attempts + 1
        if ref is not None:
            key = ref.get("key")
            values |= {"message_ref": ref, "message_key": str(key)[:128] if key is not None else None}
        same = (Delivery.id == row.id, Delivery.status == row.status, Delivery.updated_at == row.updated_at)
        return await changed(self._session, update(Delivery).where(*same).values(**values)) == 1

    async def settle(
        self, delivery_id: int, to: DeliveryState, *, now: datetime, ref: JsonObject | None = None
    ) -> None:
        """Set where the message stands, whatever was thought of it before."""
        values: dict[str, object] = {"status": to, "updated_at": now}
        if ref is not None:
            key = ref.get("key")
            values |= {"message_ref": ref, "message_key": str(key)[:128] if key is not None else None}
        await changed(self._session, update(Delivery).where(Delivery.id == delivery_id).values(**values))

    async def restart(self, song_id: int, kind: Kind, *, nonce: str, now: datetime) -> None:
        """Make a message new: another nonce, as if it had never been sent."""
        mine = (Delivery.generation_id == song_id, Delivery.kind == kind)
        values = {
            "status": DeliveryState.PENDING,
            "nonce": nonce,
            "attempts": 0,
            "created_at": now,
            "updated_at": now,
            "message_ref": None,
            "message_key": None,
        }
        await changed(self._session, update(Delivery).where(*mine).values(**values))

    async def song_of_message(self, platform: str, message_key: str) -> int | None:
        """Find the song whose message has this key."""
        found = select(Delivery.generation_id).where(
            Delivery.platform == platform, Delivery.message_key == message_key, Delivery.kind == "song"
        )
        return await self._session.scalar(found.limit(1))

    async def refs_of(self, song_ids: Collection[int]) -> dict[int, JsonObject]:
        """Give where songs were delivered, by song id."""
        statement = select(Delivery.generation_id, Delivery.message_ref).where(
            Delivery.generation_id.in_(song_ids), Delivery.kind == "song", Delivery.message_ref.is_not(None)
        )
        return {song_id: ref for song_id, ref in (await self._session.execute(statement)).all() if ref}
