"""Handlers' texts and buttons as Telegram's HTML and inline keyboards."""

from __future__ import annotations

import html

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.replies import Rows


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Make the keyboard; tokens have at most 64 bytes, which is what Telegram allows."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(b.label, callback_data=b.token) for b in row] for row in rows])


def escape(text: str) -> str:
    """Make a text safe between tags."""
    return html.escape(text, quote=False)


def titled(title: str, text: str) -> str:
    """Set a bold line above a text."""
    return f"<b>{escape(title)}</b>\n{escape(text)}"
