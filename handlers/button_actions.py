"""What stands in a button: a short text that survives every restart, and that strangers may forge.

"1:vote:123:up" is version, action, song id and value. At most 64 bytes, Telegram's limit; Discord allows 100
characters. A token proves nothing: handlers check who may do what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal[
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
    "toggle",  # menus of preferences; value: what to switch
]
ACTIONS: tuple[Action, ...] = get_args(Action)

MAX_BYTES = 64
PATTERN = re.compile(r"1:(?P<action>[a-z]{1,12}):(?P<song>\d{1,19}):(?P<value>[\w.+-]{0,24})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """What a button does; song_id 0 means no song."""

    action: Action
    song_id: int = 0
    value: str = ""

    def encode(self) -> str:
        """Give the text that stands in the button."""
        return f"1:{self.action}:{self.song_id}:{self.value}"


def decode_action(text: str) -> ButtonAction | None:
    """Read a button's token; None for what we never made."""
    match = PATTERN.fullmatch(text)
    if match is None:
        return None
    action = next((known for known in ACTIONS if known == match["action"]), None)
    return action and ButtonAction(action, int(match["song"]), match["value"])
