"""What handlers answer, on no platform in particular; each adapter shows it in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from handlers.button_actions import ButtonAction
from handlers.errors import Refused
from handlers.texts import sentence
from pipeline.errors import PipelineError

MAX_TEXT = 1900  # characters of a reply: fits one message everywhere
MENU_WIDTH = 3  # buttons in a row of a menu; names of two words still fit on a telephone


@dataclass(frozen=True, slots=True)
class Button:
    """A button and the token (`handlers.button_actions`) that comes back when somebody presses it."""

    label: str
    token: str
    style: Literal["plain", "good", "bad"] = "plain"
    word: str = ""  # what a sign means, beside it where there is room


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over: an export, a song."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to one person. Private ones are for their eyes only where the platform can do that."""

    text: str  # plain text, at most 1900 characters: fits one message everywhere
    buttons: Rows = ()
    files: tuple[File, ...] = ()
    private: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """What a press or a command leads to; the adapter does each part that is there."""

    reply: Reply | None = None  # None: acknowledge without a word
    song_id: int | None = None  # a song was begun: show its card (`status_cards.due.due_card`)
    rate: int | None = None  # ask this person for a score and a comment on the song, then call `rate`
    edit: bool = False  # the reply takes the place of the message that carried the button
    buttons: Rows | None = None  # new buttons for the message that carried the button; its text stays


def in_rows(buttons: Sequence[Button], *, width: int = MENU_WIDTH) -> Rows:
    """Lay buttons out in rows of `width`."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def switch_button(label: str, action: ButtonAction, *, on: bool) -> Button:
    """Make a button that switches something on or off, marked while it is on."""
    return Button(f"✓ {label}" if on else label, action.encode(), "good" if on else "plain")


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """Cut a text that is too long, with an ellipsis in place of the rest."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def refusal(locale: str, error: Refused | PipelineError) -> Reply:
    """Say kindly why not. A time to wait, in minutes, is put into words."""
    facts = dict(error.facts)
    wait = facts.get("wait")
    if isinstance(wait, int):
        facts["wait"] = wait_words(locale, wait)
    return Reply(sentence(locale, error.code, **facts))


def wait_words(locale: str, minutes: int) -> str:
    """Say how long: in minutes below two hours, in hours above."""
    if minutes < 120:
        return sentence(locale, "minute" if minutes == 1 else "minutes", minutes=minutes)
    return sentence(locale, "hours", hours=round(minutes / 60))
