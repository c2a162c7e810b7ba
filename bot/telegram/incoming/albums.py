"""Albums: Telegram sends one update a picture and no count, so they are collected until no more come."""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import Message

QUIET_S = 1.0  # the parts of an album arrive within a few hundred milliseconds of each other
MOST = 10  # Telegram's own limit


class Albums:
    """The albums whose parts are arriving."""

    def __init__(self, *, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._arriving: dict[str, list[Message]] = {}
        self._handling: dict[str, asyncio.Task[Any]] = {}

    async def whole(self, message: Message) -> list[Message]:
        """Give the album's messages in their order to the first part that asks, nothing to the others.

        Each part is handled by a task of its own. The others' end with the first one's: a part that was done before
        its album would be missing after a crash.
        """
        if message.media_group_id is None:
            return [message]
        album = f"{message.chat.id}:{message.media_group_id}"
        if album in self._arriving:
            self._arriving[album].append(message)
            await asyncio.wait({self._handling[album]})
            return []
        parts = self._arriving[album] = [message]
        self._handling[album] = this_task()
        try:
            seen = 0
            while seen < len(parts) < MOST:
                seen = len(parts)
                await asyncio.sleep(self._quiet_s)
        finally:
            del self._arriving[album], self._handling[album]
        return sorted(parts, key=lambda part: part.message_id)[:MOST]

    def is_arriving(self, message: Message) -> bool:
        """Whether this is another part of an album that is being collected."""
        return f"{message.chat.id}:{message.media_group_id}" in self._arriving


def this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task
