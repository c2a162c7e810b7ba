"""Every button ends here: a token becomes the handler's call and its answer. Adapters only show the answer."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Origin, Sender
from handlers.replies import Answer


async def press(token_text: str, by: Sender, *, desk: Desk, origin: Origin) -> Answer:
    """Do what the button says if this person may; malformed, foreign and stale ones get a kind private word."""
    raise NotImplementedError
