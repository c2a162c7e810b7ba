"""Small things that outlive a process: events already handled, and named values."""

from __future__ import annotations

from handlers.desk import Desk


async def seen_before(platform: str, key: str, *, desk: Desk) -> bool:
    """Remember an event's key (an update id); True when it was known. Of two at once one gets False."""
    raise NotImplementedError


async def remember(name: str, value: str, *, desk: Desk) -> None:
    """Keep a value under a name (up to 64 characters), in place of an older one."""
    raise NotImplementedError


async def recall(name: str, *, desk: Desk) -> str | None:
    """Give the value kept under a name."""
    raise NotImplementedError
