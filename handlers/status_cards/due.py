"""Status cards: one message per song that is edited in place. Chat processes call these in a loop.

    for due in await due_cards("discord", deps=deps):
        ref = ...  # empty text: delete the message; card_ref None: send a new one; else edit it
        await card_shown(due.song_id, ref, deps=deps)

Of several processes one gets a card. A card that was handed out and not confirmed comes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from handlers.deps import Deps
from handlers.ports import MessageRef
from handlers.serialization import mood_from_json
from handlers.songs.eta import estimate_queue
from handlers.status_cards.content import Card, CardFacts, becomes_song, card_of
from storage.repositories.messages.status_cards import CardRow
from storage.song_states import ENDS, SongState
from storage.unit_of_work import UnitOfWork

FIRST_SEND_S = 15.0  # a first send is no edit: repeated too early, two cards would stand there
IN_PLACE_S = 15.0  # for an edit of a message that the song is going to take: it waits so long for a process that died
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card whose message has to be sent, edited or deleted now."""

    song_id: int
    reply_to: dict[str, str]
    card_ref: MessageRef | None  # None: not sent yet
    card: Card
    until: datetime  # another process may take the card from then on


async def due_cards(
    platform: str,
    *,
    deps: Deps,
    mine: Callable[[dict[str, str]], bool] | None = None,
    limit: int | None = None,
    busy: Collection[int] = (),
) -> list[DueCard]:
    """Take the cards that have to change now, the longest waiting first, at most `limit`.

    `mine` is asked by reply_to whether this process may change a card now; only about cards that look different
    from what is shown, and only until there are enough. `busy`: songs whose card this process is showing yet; taken
    once more, the new state would count as shown with the end of the old one.
    """

    async def load_changes(unit: UnitOfWork) -> list[_Change]:
        return await _changed_cards(await unit.status_cards.due(platform, now=deps.clock.now()), unit=unit)

    changes = [change for change in await deps.read(load_changes) if change.row.id not in busy]
    allowed = (change for change in changes if mine is None or mine(_reply_to(change.row)))
    return await _claim_cards(list(islice(allowed, limit)), deps=deps)


async def due_card(song_id: int, *, deps: Deps) -> DueCard | None:
    """Take one song's card if it has to change now: call it right after a song was begun."""

    async def load_change(unit: UnitOfWork) -> list[_Change]:
        card = await unit.status_cards.of(song_id)
        return [] if card is None or card.due_at > deps.clock.now() else await _changed_cards([card], unit=unit)

    return next(iter(await _claim_cards(await deps.read(load_change), deps=deps)), None)


async def card_shown(song_id: int, card_ref: MessageRef | None, *, deps: Deps) -> None:
    """Note that the card taken last is shown, and where its message stands. The last one also tells a failure."""

    async def note_shown(unit: UnitOfWork) -> None:
        now, limits = deps.clock.now(), deps.limits
        await unit.status_cards.show(
            song_id,
            None if card_ref is None else dict(card_ref),
            again_at=now + timedelta(seconds=limits.card_every_s),
            slow_again_at=now + timedelta(seconds=limits.slow_card_every_s),
        )
        if await unit.status_cards.of(song_id) is None:
            await unit.songs.mark_notified(song_id, now=deps.clock.now(), only_failed=True)

    await deps.commit(note_shown)


async def card_left(song_id: int, *, deps: Deps) -> None:
    """Close the card for good, so that the song can take its message; waits for a process that is just showing it."""
    while not await deps.commit(lambda unit: unit.status_cards.settle(song_id, now=deps.clock.now())):
        await deps.clock.sleep(LOOK_EVERY_S)


async def card_gone(song_id: int, *, deps: Deps) -> None:
    """Note that the card's message cannot be shown any more; a failure is then told by a message of its own."""
    await deps.commit(lambda unit: unit.status_cards.close(song_id))


@dataclass(frozen=True, slots=True)
class _Change:
    row: CardRow
    card: Card
    looks: str  # md5 of text and buttons


async def _claim_cards(changes: Sequence[_Change], *, deps: Deps) -> list[DueCard]:
    if not changes:
        return []
    now = deps.clock.now()

    async def claim(unit: UnitOfWork) -> list[DueCard]:
        taken = []
        for change in changes:
            row, closing = change.row, change.row.status in ENDS
            until = _claimed_until(row, now, deps=deps)
            if row.message_ref is None and closing:
                await unit.status_cards.close(row.id)  # nothing was ever shown: nothing to take away
            elif await unit.status_cards.take(row, claimed=change.looks, closing=closing, until=until):
                taken.append(DueCard(row.id, _reply_to(row), _ref(row), change.card, until))
        return taken

    return await deps.commit(claim)


async def _changed_cards(open_cards: Sequence[CardRow], *, unit: UnitOfWork) -> list[_Change]:
    """Write every card anew and keep those that look different from what is shown."""
    if not open_cards:
        return []
    moods = await unit.emotions.latest_of([row.session_id for row in open_cards])
    # Only these cards tell about the queue, and reading it takes the longer the more wait.
    estimate = await estimate_queue(unit) if any(row.status == SongState.QUEUED for row in open_cards) else None
    changes = []
    for row in open_cards:
        known = moods.get(row.session_id)
        mood = mood_from_json(known.extra) if known and known.extra else None
        chosen = bool(known and known.extra and known.extra.get("chosen"))
        card = card_of(CardFacts(row, mood, chosen, estimate))
        looks = hashlib.md5(repr((card.text, card.buttons)).encode(), usedforsecurity=False).hexdigest()
        if looks != row.shown or row.status in ENDS:
            changes.append(_Change(row, card, looks))
    return changes


def _claimed_until(row: CardRow, now: datetime, *, deps: Deps) -> datetime:
    if row.message_ref is None:
        return now + timedelta(seconds=FIRST_SEND_S)
    if becomes_song(row):
        return now + timedelta(seconds=IN_PLACE_S)
    return now + timedelta(seconds=deps.limits.slow_card_every_s if row.in_group else deps.limits.card_every_s)


def _reply_to(row: CardRow) -> dict[str, str]:
    return {key: str(value) for key, value in (row.reply_to or {}).items()}


def _ref(row: CardRow) -> MessageRef | None:
    return None if row.message_ref is None else {key: str(value) for key, value in row.message_ref.items()}
