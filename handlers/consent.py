"""First contact: what happens with photos is said once, before the first one is read, and accepted with a button."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Sender
from handlers.replies import Reply


async def has_accepted(sender: Sender, *, desk: Desk) -> bool:
    """Whether the person has pressed Accept, on this or a linked platform. False: send `greeting`, read nothing."""
    raise NotImplementedError


async def accept(sender: Sender, *, desk: Desk, locale: str = "en") -> Reply:
    """Note the consent (also `press` of the Accept button does) and say what to do next."""
    raise NotImplementedError


def greeting(locale: str) -> Reply:
    """What happens with photos, with the Accept button."""
    raise NotImplementedError
