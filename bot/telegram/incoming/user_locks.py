"""One person's updates are handled one after another, those of different persons at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from telegram import Update


class UserLocks:
    """A lock for each person who is being served; it goes with the last update that needs it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, update: Update) -> AsyncIterator[None]:
        """Wait for this person's turn. An album's parts do not wait: the first one waits for them."""
        user = update.effective_user
        if user is None or (update.message and update.message.media_group_id):
            yield
            return
        lock = self._locks.get(user.id)
        if lock is None:
            lock = self._locks[user.id] = asyncio.Lock()
        async with lock:
            yield
