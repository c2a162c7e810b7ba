"""Idempotency keys: the same event is handled once, however often a platform delivers it."""

from __future__ import annotations

from datetime import timedelta

from handlers.deps import Deps
from storage.unit_of_work import UnitOfWork

BATCH = 1000  # old keys forgotten in a sweep


async def mark_seen(platform: str, key: str, *, deps: Deps) -> bool:
    """Store an event's idempotency key (an update id); True when it was known. Of two at once one gets False."""
    first_time: list[bool] = []

    async def add_key(unit: UnitOfWork) -> bool:
        new = await unit.idempotency_keys.add(platform, f"seen:{key}", song_id=None, now=deps.clock.now())
        first_time.append(new)
        return new

    # A commit whose answer got lost is tried again and finds its own key: then the event is still ours.
    await deps.commit(add_key)
    return not any(first_time)


async def was_seen(platform: str, key: str, *, deps: Deps) -> bool:
    """Whether `mark_seen` was asked about the key: for events that are safe to handle twice, and noted when done."""
    return await deps.read(lambda unit: unit.idempotency_keys.known(platform, f"seen:{key}"))


async def forget_old_keys(*, deps: Deps) -> None:
    """Drop keys that no platform delivers again, and stored events as old; the sweeper calls this.

    Such an event waits for a process that no longer serves its platform, and holds what somebody wrote.
    """
    before = deps.clock.now() - timedelta(seconds=deps.limits.remember_keys_s)
    await deps.commit(lambda unit: unit.idempotency_keys.prune(before=before, limit=BATCH))
    await deps.commit(lambda unit: unit.inbox.prune(before=before))
