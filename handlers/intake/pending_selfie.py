"""A selfie whose sender has yet to accept what happens with photos: where it is, never what it shows.

It outlives the chat process: the next one takes it up when Accept is pressed. The sweeper forgets it after a day,
when platforms' addresses of files end anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pydantic import TypeAdapter

from handlers.deps import Deps
from handlers.events import Sender
from handlers.intake.ports import Attachment
from pipeline.values import EmotionLabel
from storage.unit_of_work import UnitOfWork

MEMO = "waiting:"
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
    value = _PENDING.dump_json(selfie).decode()
    await deps.commit(lambda unit: unit.key_values.set(_name(sender), value))


async def get_pending_selfie(sender: Sender, *, deps: Deps) -> PendingSelfie | None:
    """Give the selfie that waits for this person's word; call `remove_pending_selfie` once it is taken in."""
    kept = await deps.read(lambda unit: unit.key_values.get(_name(sender)))
    return None if kept is None else _PENDING.validate_json(kept)


async def remove_pending_selfie(sender: Sender, *, deps: Deps) -> None:
    """Forget the selfie."""
    await deps.commit(partial(_forget, _name(sender)))


async def prune_pending_selfies(*, deps: Deps) -> None:
    """Forget selfies whose senders never accepted; the sweeper calls this."""
    for name, kept in (await deps.read(lambda unit: unit.key_values.named(MEMO))).items():
        if deps.clock.now() - _PENDING.validate_json(kept).since > KEPT:
            await deps.commit(partial(_forget, name))


async def _forget(name: str, unit: UnitOfWork) -> None:
    await unit.key_values.forget(name)


def _name(sender: Sender) -> str:
    return f"{MEMO}{sender.platform}:{sender.account_id}"
