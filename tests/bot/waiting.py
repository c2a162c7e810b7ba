"""Waiting for something that other processes do: on a condition, with a time-out far above what it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 90
LOOK_EVERY_S = 0.02  # a look asks the database, and what is waited for needs the processor too


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look again and again until something true comes; give it."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await look()):  # noqa: ASYNC110  (other processes: nothing to wait on)
                await asyncio.sleep(LOOK_EVERY_S)
            return found
    except TimeoutError as error:
        raise AssertionError(f"waited in vain for {what}") from error
