"""The loop that keeps status cards and vote counts up to date; an adapter fills `CardMessages`, its service runs it.

One slow or closed chat holds no other: each message is changed in a task of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Literal, Protocol, TypeAlias

from handlers.concurrency import finish_despite_cancel
from handlers.deps import Deps
from handlers.feedback.vote_counts import DueCounts, counts_shown, due_counts
from handlers.ports import ChatGone, ChatLater, MessageRef, Undecided
from handlers.responses import Rows
from handlers.status_cards.due import DueCard, card_gone, card_shown, due_card, due_cards
from storage.errors import StorageError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
PAUSE_RATIO = 4  # times the duration of a look: hundreds of cards must not delay answers to buttons
GRACE_S = 2.0  # for what is being sent when the process stops: broken off, a card might stand there twice later on

Key: TypeAlias = tuple[Literal["card", "counts"], int]  # and the song's id
MayChange: TypeAlias = Callable[[Mapping[str, str]], bool]


class CardMessages(Protocol):
    """The messages of one platform that change by themselves. Each method ends by itself within about 30 s.

    All raise ChatGone (the message or its place is gone: never again) and ChatLater (not now: it comes again).
    """

    async def send(self, due: DueCard) -> MessageRef:
        """Send the card to due.reply_to. It may come again after ChatLater and after a crash: let `song_id` be its
        idempotency key where the platform has one, else raise Undecided for what may have arrived."""

    async def edit(self, due: DueCard, ref: MessageRef) -> MessageRef:
        """Show the card in its message; after Undecided it comes again."""

    async def delete(self, ref: MessageRef) -> None:
        """Take the card's message away; after Undecided it comes again."""

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        """Show other buttons below a song; what is raised as Undecided counts as shown."""


class CardLoop:
    """Shows the cards and counts that handlers say are due.

    may_change: whether a place takes a change now, asked once for each change that is due there. at_once: how many
    messages are changed together, None for any number.
    """

    def __init__(
        self,
        messages: CardMessages,
        *,
        platform: str,
        deps: Deps,
        may_change: MayChange | None = None,
        at_once: int | None = None,
    ) -> None:
        self._messages = messages
        self._platform = platform
        self._deps = deps
        self._may_change = may_change
        self._at_once = at_once
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._closing = False

    async def show_now(self, song_id: int) -> None:
        """Begin to show the card of a song that was just begun, if it is due; do not wait until it stands there."""
        if self._closing or ("card", song_id) in self._tasks:  # it stays due: the next process, or look, shows it
            return
        due = await due_card(song_id, deps=self._deps)
        if due is not None:
            self._start(("card", song_id), partial(self._show, due))

    async def keep_showing(self) -> None:
        """Look for due cards and counts until cancelled, then let what is being sent end."""
        now = asyncio.get_running_loop().time
        try:
            while True:
                began = now()
                await finish_despite_cancel(self._look())
                await asyncio.sleep(max(LOOK_EVERY_S, PAUSE_RATIO * (now() - began)))
        finally:
            await self._finish()

    async def _look(self) -> None:
        platform, deps, mine = self._platform, self._deps, self._may_change
        free = None if self._at_once is None else max(0, self._at_once - len(self._tasks))
        busy = {song_id for kind, song_id in self._tasks if kind == "card"}
        try:
            for due in await due_cards(platform, deps=deps, mine=mine, limit=free, busy=busy):
                self._start(("card", due.song_id), partial(self._show, due))
            for counts in await due_counts(platform, deps=deps, mine=mine):
                self._start(("counts", counts.song_id), partial(self._count, counts))
        except StorageError as error:
            log.warning("cards wait for the database: %r", error)
        except Exception:  # a bug must not end the loop
            log.exception("no cards this time")

    async def _finish(self) -> None:
        self._closing = True
        tasks = [*self._tasks.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, key: Key, change: Callable[[], Awaitable[None]]) -> None:
        if self._closing or key in self._tasks:  # still on its way; what is due comes again
            return
        task = asyncio.create_task(self._carefully(key, change))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _carefully(self, key: Key, change: Callable[[], Awaitable[None]]) -> None:
        kind, song_id = key
        try:
            await change()
        except (ChatLater, Undecided, StorageError) as error:
            log.info("song %d: %s come later: %r", song_id, kind, error)
        except Exception:
            log.exception("song %d: %s not shown", song_id, kind)

    async def _show(self, due: DueCard) -> None:
        try:
            ref = await self._change(due)
        except (ChatGone, Undecided) as error:
            if due.card_ref is not None and isinstance(error, Undecided):
                raise  # an edit may be repeated
            log.info("song %d: its card cannot be shown: %r", due.song_id, error)
            await card_gone(due.song_id, deps=self._deps)
        else:
            await card_shown(due.song_id, ref, deps=self._deps)

    async def _change(self, due: DueCard) -> MessageRef | None:
        """Send, edit or delete the card's message; give where it stands now."""
        if due.card_ref is None:
            return await self._messages.send(due)
        if due.card.text:
            return await self._messages.edit(due, due.card_ref)
        await self._messages.delete(due.card_ref)
        return None

    async def _count(self, due: DueCounts) -> None:
        try:
            await self._messages.set_buttons(due.message_ref, due.buttons)
        except (ChatGone, Undecided) as error:
            log.info("song %d: its counts cannot be shown: %r", due.song_id, error)
        await counts_shown(due, deps=self._deps)
