"""Small values that outlive a process, each under a name."""

from __future__ import annotations

from handlers.deps import Desk


async def remember(name: str, value: str, *, desk: Desk) -> None:
    """Keep a value under a name (up to 64 characters), in place of an older one."""
    await desk.commit(lambda unit: unit.memos.set(name, value))


async def recall(name: str, *, desk: Desk) -> str | None:
    """Give the value kept under a name."""
    return await desk.read(lambda unit: unit.memos.get(name))
