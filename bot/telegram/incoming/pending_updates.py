"""Updates that are acknowledged before they are handled: the database keeps them, so that a crash does not lose them.

Telegram hands out a hundred unacknowledged updates at most, and waits for a webhook's answer for a while only: what
takes long would hold everybody who comes after it. What is left is handled by the next process. An update that two of
them handle is known by its key.
"""

from __future__ import annotations

import json
import logging

from telegram import Bot, Update

from bot.telegram.origins import PLATFORM
from handlers.deps import Deps
from storage.errors import StorageError

log = logging.getLogger(__name__)

PREFIX = f"{PLATFORM}.held:"


class PendingUpdates:
    """The updates in the database's keeping."""

    def __init__(self, bot: Bot, *, deps: Deps) -> None:
        self._bot = bot
        self._deps = deps

    async def keep(self, update: Update) -> bool:
        """Keep an update until `drop`; False: the database is away, and Telegram has to keep it."""
        name, value = _name(update.update_id), update.to_json()
        try:
            await self._deps.commit(lambda unit: unit.key_values.set(name, value))
        except StorageError as error:
            log.warning("an update stays unacknowledged: %r", error)
            return False
        return True

    async def drop(self, update_id: int) -> None:
        """Forget an update that is handled."""
        try:
            await self._deps.commit(lambda unit: unit.key_values.forget(_name(update_id)))
        except StorageError as error:
            log.warning("a handled update is still kept, and will be looked at again: %r", error)

    async def left(self) -> list[Update]:
        """Give what an earlier process did not finish, in the order in which it came."""
        kept = await self._deps.read(lambda unit: unit.key_values.named(PREFIX))
        updates = (Update.de_json(json.loads(value), self._bot) for value in kept.values())
        return sorted(updates, key=lambda update: update.update_id)


def _name(update_id: int) -> str:
    return f"{PREFIX}{update_id}"
