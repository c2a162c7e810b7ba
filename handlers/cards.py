"""Status cards: one message per song that is edited in place. Chat processes call these in a loop.

    for due in await due_cards("discord", desk=desk):
        ref = ...  # empty text: delete the message; card_ref None: send a new one; else edit it
        await card_shown(due.song_id, ref, desk=desk)

Of several processes one gets a card. A card that was handed out and not confirmed comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.desk import Desk
from handlers.ports import MessageRef
from handlers.replies import Rows


@dataclass(frozen=True, slots=True)
class Card:
    """What the message shall show; an empty text means that it shall go."""

    text: str
    buttons: Rows = ()
    rendering: float | None = None  # while rendering: how far, in [0, 1]; for chat actions


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card whose message has to be sent, edited or deleted now."""

    song_id: int
    reply_to: dict[str, str]
    card_ref: MessageRef | None  # None: not sent yet
    card: Card


async def due_cards(
    platform: str, *, desk: Desk, mine: Callable[[dict[str, str]], bool] | None = None
) -> list[DueCard]:
    """Take the cards that have to change now. `mine` picks by reply_to where several processes share the chats."""
    raise NotImplementedError


async def due_card(song_id: int, *, desk: Desk) -> DueCard | None:
    """Take one song's card if it has to change now: call it right after a song was begun."""
    raise NotImplementedError


async def card_shown(song_id: int, card_ref: MessageRef | None, *, desk: Desk) -> None:
    """Note that the card taken last is shown, and where its message stands."""
    raise NotImplementedError


async def card_gone(song_id: int, *, desk: Desk) -> None:
    """Note that the card's message cannot be shown any more; a failure is then told by a message of its own."""
    raise NotImplementedError
