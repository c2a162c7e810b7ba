"""From a sender on a platform to our user."""

from __future__ import annotations

from handlers.deps import Deps
from handlers.events import Sender
from storage.unit_of_work import UnitOfWork


async def user_of(sender: Sender, *, unit: UnitOfWork, deps: Deps) -> int:
    """Find the sender's user id, or make them a user."""
    user = await unit.users.find_or_create(sender.platform, sender.account_id, sender.username, deps.clock.now())
    return user.id
