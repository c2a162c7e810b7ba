"""An album is one update a picture, without a word about how many there are: collected until no more come."""

from __future__ import annotations

import asyncio

from telegram import Message

QUIET_S = 1.0  # the parts of an album arrive within a few hundred milliseconds of each other
MOST = 10  # Telegram's own limit


class Albums:
    """Albums that are arriving just now."""

    def __init__(self, *, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._arriving: dict[str, list[Message]] = {}

    async def whole(self, message: Message) -> list[Message]:
        """Give the album's messages in their order to the first part that asks, nothing to the others."""
        if message.media_group_id is None:
            return [message]
        album = f"{message.chat.id}:{message.media_group_id}"
        if album in self._arriving:
            self._arriving[album].append(message)
            return []
        parts = self._arriving[album] = [message]
        try:
            seen = 0
            while seen < len(parts) < MOST:
                seen = len(parts)
                await asyncio.sleep(self._quiet_s)
        finally:
            del self._arriving[album]
        return sorted(parts, key=lambda part: part.message_id)[:MOST]

    def is_arriving(self, message: Message) -> bool:
        """Whether this is another part of an album that is being collected."""
        return f"{message.chat.id}:{message.media_group_id}" in self._arriving
