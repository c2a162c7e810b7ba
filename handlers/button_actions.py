"""What stands in a button: a short text that survives every restart, and that strangers may forge.

"1:vote:123:up" is version, action, song id and value. At most 64 bytes, Telegram's limit; Discord allows 100
characters. A token proves nothing: handlers check who may do what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

ActionName = Literal[
    "accept",  # the first-contact message; value: whom it greets, by account id
    "vote",  # value: up or down
    "again",
    "details",
    "show",  # as details, with the file
    "rate",  # asks for score and comment
    "score",  # value: 0 to 5
    "cancel",
    "retry",
    "mood",  # value: an emotion label; without a song one begins with it
    "moods",  # asks for all seven
    "history",  # value: the id before which the page begins
    "erase",  # value: yes or no
    "privacy",  # value: export or delete
    "resend",  # an ambiguous song did not arrive
    "arrived",
    "genre",  # switches a favourite on or off; value: its slug
    "genres",  # turns the menu of genres to a page; value: its number from 0
    "instrument",  # as genre
    "instruments",  # as genres
    "tempo",  # value: a range of BPM, "80.100", or any
    "avoid",  # switches what to leave out; value: its slug
    "language",  # value: a locale, or auto
    "forget",  # value: a field of the profile
]
ACTION_NAMES: tuple[ActionName, ...] = get_args(ActionName)

MAX_BYTES = 64
PATTERN = re.compile(r"1:(?P<action>[a-z]{1,12}):(?P<song>\d{1,19}):(?P<value>[\w.+-]{0,24})", re.ASCII)

# Menus of older versions stand in chats: all their buttons were "toggle", and the value began with what they switch.
# The first that fits counts.
TOGGLES: tuple[tuple[str, ActionName], ...] = (
    ("g.p.", "genres"),
    ("g.", "genre"),
    ("i.p.", "instruments"),
    ("i.", "instrument"),
    ("t.", "tempo"),
    ("a.", "avoid"),
    ("l.", "language"),
    ("p.", "forget"),
)


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """What a button does; song_id 0 means no song."""

    action: ActionName
    song_id: int = 0
    value: str = ""

    def encode(self) -> str:
        """Give the text that stands in the button."""
        return f"1:{self.action}:{self.song_id}:{self.value}"


def decode_action(text: str) -> ButtonAction | None:
    """Read a button's token, of today's or of an older version; None for what we never made."""
    match = PATTERN.fullmatch(text)
    if match is None:
        return None
    name, value = match["action"], match["value"]
    if name == "toggle":
        name, value = _without_toggle(value)
    action = next((known for known in ACTION_NAMES if known == name), None)
    return action and ButtonAction(action, int(match["song"]), value)


def slug(name: str) -> str:
    """Write a known name as a button carries it: "R&B" is "r_b"."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _without_toggle(value: str) -> tuple[str, str]:
    """Give today's action and value for an old "toggle"; no action for a value that none had."""
    found = ((action, value.removeprefix(prefix)) for prefix, action in TOGGLES if value.startswith(prefix))
    return next(found, ("", value))
