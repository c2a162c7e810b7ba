"""The outbox: a message's row is committed before it is sent, and tells after a crash what may have happened.

pending ──start──▶ sending ──▶ sent            the platform answered
                      │ └────▶ pending         it certainly did not arrive: again later
                      │ └────▶ ambiguous       nobody knows, and the platform cannot tell
                      │ └────▶ kept            there is no place to send it to
                      └─ a crash leaves it here: the next attempt is told that it repeats
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from handlers.deps import Deps
from handlers.ports import MessageRef
from storage.repositories.messages.outbox import DeliveryRow
from storage.tables.messages import DeliveryState, Kind
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message whose sending has begun. repeated: an earlier send may have arrived."""

    row: DeliveryRow
    repeated: bool


async def start_delivery(song_id: int, kind: Kind, *, platform: str, deps: Deps) -> Outgoing | Literal["done", "busy"]:
    """Commit that the message is about to be sent; "done" when it is, "busy" while another process sends it."""

    async def mark_sending(unit: UnitOfWork) -> Outgoing | Literal["done", "busy"]:
        now = deps.clock.now()
        row = await unit.outbox.ensure(song_id, kind, platform=platform, nonce=new_nonce(kind), now=now)
        if row.status not in (DeliveryState.PENDING, DeliveryState.SENDING):
            return "done"
        fresh = row.updated_at > deps.stale_before()
        if row.status == DeliveryState.SENDING and fresh and kind == "notice":
            return "busy"  # a song's lease says that already; a notice has none
        if not await unit.outbox.move(row, DeliveryState.SENDING, now=now):
            return "busy"
        return Outgoing(row, repeated=row.status == DeliveryState.SENDING)

    return await deps.commit(mark_sending)


async def settle(
    out: Outgoing, to: DeliveryState, *, unit: UnitOfWork, deps: Deps, ref: MessageRef | None = None
) -> None:
    """Write down how the sending ended; the caller commits it together with what follows from it."""
    now = deps.clock.now()
    await unit.outbox.settle(out.row.id, to, now=now, ref=None if ref is None else dict(ref))


def out_of_patience(out: Outgoing, *, deps: Deps) -> bool:
    """Whether the platform has said "later" for too long."""
    return deps.clock.now() - out.row.created_at > timedelta(seconds=deps.limits.deliver_patience_s)


def new_nonce(kind: Kind) -> str:
    """Make a nonce of 17 characters; Discord takes 25."""
    return f"{kind[0]}{secrets.token_hex(8)}"
