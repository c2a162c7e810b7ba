"""The port of a language model that writes briefs, and how it may fail. Agents 3 and 4 call it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Literal, Protocol

from pipeline.values import Brief, Mood, Taste

WRITING_BUDGET_S = 20.0  # for both calls of a song together

Source = Literal["llm", "template"]
WriterReason = Literal[
    "refusal",
    "empty",
    "truncated",
    "invalid",
    "late",
    "rate_limited",
    "unauthorised",
    "rejected",
    "server_error",
    "unreachable",
]


class WriterFailed(Exception):
    """The language model gave nothing usable; the song goes on without it.

    reason is one of WriterReason; it stands in the song's events.
    """

    def __init__(self, reason: WriterReason) -> None:
        super().__init__(reason)
        self.reason: WriterReason = reason


class Writer(Protocol):
    """A language model that proposes; what it proposes still has to pass the rules."""

    async def draft(self, mood: Mood, *, duration_s: float) -> Brief:
        """Propose a brief for a mood. Raises WriterFailed."""

    async def personalise(self, brief: Brief, taste: Taste) -> Brief:
        """Propose the brief as this listener would like it. Raises WriterFailed."""


def writing_deadline(budget_s: float = WRITING_BUDGET_S) -> float:
    """The event loop's time at which writing ends: take it once a song and hand it to both stages."""
    return asyncio.get_running_loop().time() + budget_s


async def in_time(proposal: Awaitable[Brief], *, deadline: float | None) -> Brief:
    """Await a proposal until the deadline. Raises WriterFailed("late") after it, at once if it has passed."""
    try:
        async with asyncio.timeout_at(writing_deadline() if deadline is None else deadline):
            return await proposal
    except TimeoutError as late:
        raise WriterFailed("late") from late
