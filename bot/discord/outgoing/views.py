"""Responses in Discord's form: text, buttons and files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from typing import TypedDict

import discord

from bot.discord.outgoing.buttons import PressButton
from handlers.responses import File, Reply, Rows

MAX_TEXT = 2000  # characters
ROWS, BUTTONS_A_ROW = 5, 5


class Shown(TypedDict, total=False):
    """What `send` takes."""

    content: str
    view: discord.ui.View
    files: list[discord.File]


def messages_of(reply: Reply) -> list[Reply]:
    """Give a message to each file: two of the largest size are more than Discord takes in one request."""
    beside = [Reply("", files=(file,), private=reply.private) for file in reply.files[1:]]
    return [replace(reply, files=reply.files[:1]), *beside]


def shown(reply: Reply) -> Shown:
    """Give a reply's parts; what is empty is left out."""
    parts = Shown(content=plain(reply.text))
    if reply.buttons:
        parts["view"] = view_of(reply.buttons)
    if reply.files:
        parts["files"] = files_of(reply.files)
    return parts


def plain(text: str) -> str:
    """Write plain text so that nothing in it, such as a listener's own words, becomes bold or a hidden link."""
    return cut(discord.utils.escape_markdown(text))


def cut(text: str, limit: int = MAX_TEXT) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def view_of(rows: Rows) -> discord.ui.View:
    """Lay buttons out as a view without a time-out; they work after any restart."""
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(_rows(rows)):
        for button in row:
            view.add_item(PressButton(button, row=number))
    return view


def _rows(rows: Rows) -> Rows:
    """Break rows that are too long for Discord."""
    pieces = [row[start : start + BUTTONS_A_ROW] for row in rows for start in range(0, len(row), BUTTONS_A_ROW)]
    return tuple(pieces[:ROWS])


def files_of(files: Iterable[File]) -> list[discord.File]:
    return [discord.File(BytesIO(file.data), filename=file.name) for file in files]
