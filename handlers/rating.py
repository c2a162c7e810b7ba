"""A score from 0 to 5 and a comment, by a form, a row of buttons or a reply to the song."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Origin, Sender
from handlers.replies import Reply


async def rate(
    song_id: int, by: Sender, score: int | None, comment: str | None, *, desk: Desk, origin: Origin
) -> Reply:
    """Keep the score, the comment or both; never raises for what a person typed."""
    raise NotImplementedError
