"""What to offer while a person types a genre, an instrument or a mood."""

from __future__ import annotations

from handlers.command_table import Suggest


def suggest(field: Suggest, typed: str, *, locale: str = "en", limit: int = 25) -> list[str]:
    """Known names that go on from the last word of a list; each is the whole text to put into the blank."""
    raise NotImplementedError
