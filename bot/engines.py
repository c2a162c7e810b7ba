"""Which engines work here: the only place that turns settings and names into engines.

Called by workers and by commands that do without them, never by the chat process: engines are heavy.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from pipeline.compose import Composer
from pipeline.errors import EngineFailed
from pipeline.writer import Writer


def open_composer(name: str) -> Composer:
    """Load the engine of this name, as a plan carries it; `auto` takes the best one here."""
    if name in ("auto", "sketch"):
        from pipeline.backends.sketch.composer import SketchComposer

        return SketchComposer()
    raise EngineFailed("unknown_engine", engine=name)


@asynccontextmanager
async def open_writer(settings: Settings) -> AsyncIterator[Writer | None]:
    """Connect to the language model, or give None where no key is set: briefs then come from templates."""
    if settings.openai_api_key is None:
        yield None
        return
    from pipeline.backends.openai_writer import OpenAIWriter

    async with OpenAIWriter(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_model,
    ) as writer:
        yield writer
