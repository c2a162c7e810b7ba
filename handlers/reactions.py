"""Native 👍 and 👎 under a song count as the buttons do; replies to a song find it by its message."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Sender


async def reaction(by: Sender, message_key: str, emoji: str, *, added: bool, desk: Desk) -> bool:
    """Count a reaction that was added or removed; False when it says nothing about a song of ours.

    message_key is the "key" of the MessageRef that `Chat.send_song` returned.
    """
    raise NotImplementedError


async def song_of_message(platform: str, message_key: str, *, desk: Desk) -> int | None:
    """Give the song whose message this is."""
    raise NotImplementedError
