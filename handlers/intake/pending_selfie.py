"""A selfie whose sender has yet to accept what happens with photos: where it is, never what it shows.

It outlives the chat process: the next process uses it when Accept is pressed. The sweeper forgets it after a day,
when platforms' addresses of files end anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from handlers.deps import Deps
from handlers.events import Sender
from handlers.intake.ports import Attachment
from pipeline.values import EmotionLabel
from storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PendingSelfie:
    """What is needed to take the selfie in later."""

    pictures: tuple[Attachment, ...]  # none: only a melody waits
    reply_to: dict[str, str]
    key: str
    note: str
    melody: Attachment | None
    since: datetime
    mood: EmotionLabel | None = None  # named by the sender
    in_group: bool = False


_PENDING = TypeAdapter(PendingSelfie)


async def keep_pending_selfie(sender: Sender, selfie: PendingSelfie, *, deps: Deps) -> None:
    """Remember a person's last selfie until they accept."""
    payload = _PENDING.dump_json(selfie).decode()

    async def store_selfie(unit: UnitOfWork) -> None:
        await unit.pending_selfies.set(sender.platform, sender.account_id, payload, since=selfie.since)

    await deps.commit(store_selfie)


async def get_pending_selfie(sender: Sender, *, deps: Deps) -> PendingSelfie | None:
    """Give the selfie that waits for this person's word; call `remove_pending_selfie` once it is taken in."""
    kept = await deps.read(lambda unit: unit.pending_selfies.get(sender.platform, sender.account_id))
    return None if kept is None else _PENDING.validate_json(kept)


async def remove_pending_selfie(sender: Sender, *, deps: Deps) -> None:
    """Forget the selfie."""
    await deps.commit(lambda unit: unit.pending_selfies.forget(sender.platform, sender.account_id))


async def prune_pending_selfies(*, deps: Deps) -> None:
    """Forget selfies whose senders never accepted; the sweeper calls this."""
    before = deps.clock.now() - KEPT
    await deps.commit(lambda unit: unit.pending_selfies.prune(before=before))
