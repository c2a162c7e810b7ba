"""Keeps what stands in chats up to date: status cards, the "sending" sign while rendering, and vote counts.

One slow or closed chat holds no other: each message is changed in a task of its own, and chats that are closed
to us are not asked for at all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress

from telegram.error import TelegramError

from bot.telegram.origins import PLATFORM, Address, read_address, read_ref, ref_of
from bot.telegram.outgoing.flood_control import FloodControl
from bot.telegram.outgoing.messenger import Messenger
from handlers.deps import Deps
from handlers.feedback.vote_counts import DueCounts, counts_shown, due_counts
from handlers.ports import ChatGone, ChatLater, MessageRef, Undecided
from handlers.responses import Reply
from handlers.status_cards.due import DueCard, card_gone, card_shown, due_card, due_cards
from storage.errors import StorageError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
GRACE_S = 2.0
AT_ONCE = 10  # messages being changed; of the 30 a second that leave us the rest is for answers and songs
GROUP_EVERY_S = 5.0  # Telegram lets 20 messages a minute into a group, edits included; songs need room too


class StatusCards:
    """The messages of ours that change by themselves."""

    def __init__(
        self, messenger: Messenger, flood_control: FloodControl, *, deps: Deps, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._messenger = messenger
        self._flood_control = flood_control
        self._deps = deps
        self._look_every_s = look_every_s
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._group_free_at: dict[int, float] = {}

    async def show_now(self, song_id: int) -> None:
        """Show the card of a song that was just begun."""
        if due := await due_card(song_id, deps=self._deps):
            await self._show(due)

    async def keep_showing(self) -> None:
        """Keep everything up to date until cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except StorageError as error:
                    log.warning("cards wait for the database: %r", error)
                await asyncio.sleep(self._look_every_s)
        finally:
            tasks = list(self._tasks)
            if tasks:  # a card whose sending is broken off might stand there twice later on
                await asyncio.wait(tasks, timeout=GRACE_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        free = max(0, AT_ONCE - len(self._tasks))
        for due in await due_cards(PLATFORM, deps=self._deps, mine=self._may_change, limit=free):
            self._start(f"card {due.song_id}", self._show(due))
        for counts in await due_counts(PLATFORM, deps=self._deps, mine=self._may_change):
            self._start(f"counts {counts.song_id}", self._count(counts))

    def _may_change(self, where: MessageRef | dict[str, str]) -> bool:
        """Whether a chat takes a change now. A group that does is not asked again for a while."""
        chat_id, now = int(where["chat"]), time.monotonic()
        if self._flood_control.closed_s(chat_id) > 0 or self._group_free_at.get(chat_id, 0.0) > now:
            return False
        if chat_id < 0:
            self._group_free_at = {each: at for each, at in self._group_free_at.items() if at > now}
            self._group_free_at[chat_id] = now + GROUP_EVERY_S
        return True

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        if name in self._busy:
            work.close()
            return
        self._busy.add(name)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._busy.discard(name))

    async def _show(self, due: DueCard) -> None:
        """Bring one card up to date; what fails for now stays due."""
        try:
            ref = await self._change(due)
        except ChatLater:
            return
        except (ChatGone, Undecided, TelegramError) as error:
            if isinstance(error, Undecided) and due.card_ref:
                return  # an edit may be repeated
            log.info("song %d: its card cannot be shown: %r", due.song_id, error)
            await card_gone(due.song_id, deps=self._deps)
            return
        if ref is None and due.card.text:
            await card_gone(due.song_id, deps=self._deps)
        else:
            await card_shown(due.song_id, ref, deps=self._deps)
        if due.card.rendering is not None:
            await self._show_rendering(read_address(due.reply_to))

    async def _change(self, due: DueCard) -> MessageRef | None:
        """Send, edit or delete the card's message; None: there is no message any more."""
        card = due.card
        if due.card_ref is None:
            if not card.text:
                return None
            return ref_of(
                await self._messenger.send(Reply(card.text, card.buttons), to=read_address(due.reply_to), patience_s=0)
            )
        message = read_ref(due.card_ref)
        if not card.text:
            await self._messenger.delete(message)
            return None
        return due.card_ref if await self._messenger.edit(message, card.text, card.buttons) else None

    async def _show_rendering(self, at: Address) -> None:
        """The sign is a nicety: without it the card still tells."""
        with suppress(ChatGone, ChatLater, Undecided, TelegramError):
            await self._messenger.show_uploading(at)

    async def _count(self, due: DueCounts) -> None:
        try:
            await self._messenger.set_buttons(read_ref(due.message_ref), due.buttons)
        except ChatLater:
            return
        except (ChatGone, Undecided, TelegramError) as error:
            log.info("song %d: its counts cannot be shown: %r", due.song_id, error)
        await counts_shown(due, deps=self._deps)
