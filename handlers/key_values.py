"""Small values that outlive a process, each under a name."""

from __future__ import annotations

from handlers.deps import Deps


async def set_value(name: str, value: str, *, deps: Deps) -> None:
    """Keep a value under a name (up to 64 characters), in place of an older one."""
    await deps.commit(lambda unit: unit.key_values.set(name, value))


async def get_value(name: str, *, deps: Deps) -> str | None:
    """Give the value kept under a name."""
    return await deps.read(lambda unit: unit.key_values.get(name))
