"""The words and buttons of a song message, the same on every platform."""

from __future__ import annotations

from handlers.replies import Rows
from pipeline.values import Mood, Plan


def song_caption(
    locale: str, *, mood: Mood, plan: Plan, engine: str, picture: int | None = None, chosen: bool = False
) -> str:
    """Mood in words, what was made and why, the engine, and what else is worth knowing; below 1000 characters.

    picture is the number of the photo that was read when several came. chosen: the sender named the mood.
    """
    raise NotImplementedError


def song_buttons(locale: str, song_id: int, *, up: int = 0, down: int = 0) -> Rows:
    """👍 n · 👎 n · 🔁 · ⋯ · ⭐"""
    raise NotImplementedError
