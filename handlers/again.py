"""🔁 and Try again: a new take of a song for its owner."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Sender


async def take_again(
    song_id: int,
    by: Sender,
    reply_to: dict[str, str],
    key: str | None,
    *,
    desk: Desk,
    locale: str = "en",
    slow_card: bool = False,
) -> int:
    """Begin a new take with the same mood, a new seed and today's taste; return its id.

    The same key again gives the same take. Raises UnknownSong (also for songs of others) and Refused.
    """
    raise NotImplementedError
