"""Which engine renders: the only place that turns an engine's name into the engine."""

from __future__ import annotations

from pipeline.compose import Composer
from pipeline.errors import EngineFailed


def open_composer(name: str) -> Composer:
    """Load the engine that made or will make a song, by the name its plan carries; `auto` means the best here.

    Called by workers and by `again`, never by the chat process: engines are heavy.
    """
    if name in ("auto", "sketch"):
        from pipeline.backends.sketch.composer import SketchComposer

        return SketchComposer()
    raise EngineFailed("unknown_engine", engine=name)
