"""Handlers' texts and buttons as Telegram's HTML and inline keyboards."""

from __future__ import annotations

import html

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.responses import Rows

LONGEST_CAPTION = 1024  # counted without the tags


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Make the keyboard; tokens have at most 64 bytes, which is what Telegram allows."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(b.label, callback_data=b.token) for b in row] for row in rows])


def escape(text: str) -> str:
    """Make a text safe between tags."""
    return html.escape(text, quote=False)


def titled(title: str, text: str) -> str:
    """Set a bold line above a text; together they are cut to what a caption holds."""
    title = _cut(title, LONGEST_CAPTION // 2)
    return f"<b>{escape(title)}</b>\n{escape(_cut(text, LONGEST_CAPTION - _length(title) - 1))}"


def _cut(text: str, longest: int) -> str:
    if _length(text) <= longest:
        return text
    return text.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


def _length(text: str) -> int:
    """Count as Telegram does where it counts most: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2
