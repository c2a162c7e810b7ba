"""The form behind ⭐: a score from 0 to 5 and a comment. It carries its song, so it outlives every process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord

from handlers.button_actions import ButtonAction, decode_action
from handlers.feedback.votes import MAX_COMMENT
from handlers.texts import sentence

SCORE, COMMENT = "score", "comment"
MAX_TITLE = 45  # characters, also of a label


class RatingForm(discord.ui.Modal):
    """Asks for a score and a comment. `filled_in` reads it, not the library's memory of open forms."""

    def __init__(self, song_id: int, *, locale: str) -> None:
        title = sentence(locale, "rate_title", id=song_id)[:MAX_TITLE]
        super().__init__(title=title, custom_id=ButtonAction("rate", song_id).encode(), timeout=None)
        score: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=SCORE, max_length=1, required=False, placeholder="0–5"
        )
        comment: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=COMMENT, max_length=MAX_COMMENT, required=False, style=discord.TextStyle.paragraph
        )
        for code, field in (("rate_score", score), ("rate_comment", comment)):
            self.add_item(discord.ui.Label(text=sentence(locale, code)[:MAX_TITLE], component=field))


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody wrote into the form; score -1 is no number from 0 to 5, for the handler to say so."""

    song_id: int
    score: int | None
    comment: str | None


def filled_in(data: Mapping[str, Any] | None) -> Filled | None:
    """Read a submitted form; None for one that is not ours."""
    press = decode_action(str((data or {}).get("custom_id", "")))
    if data is None or press is None or press.action != "rate":
        return None
    written = dict(_inputs(data.get("components", ())))
    score, comment = written.get(SCORE, "").strip(), written.get(COMMENT, "").strip()
    return Filled(press.song_id, _score(score) if score else None, comment[:MAX_COMMENT] or None)


def _score(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) == 1 else -1


def _inputs(components: Any) -> Iterator[tuple[str, str]]:
    """Walk rows and labels down to the inputs."""
    for part in components:
        if "value" in part:
            yield str(part.get("custom_id", "")), str(part["value"])
        yield from _inputs(part.get("components", ()))
        yield from _inputs([part["component"]] if "component" in part else ())
