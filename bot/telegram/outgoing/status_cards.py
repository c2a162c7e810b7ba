"""Status cards, the "sending" sign while rendering, and vote counts on Telegram, for `bot.card_loop`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from telegram.error import TelegramError

from bot.telegram.origins import read_address, read_ref, ref_of
from bot.telegram.outgoing.flood_control import FloodControl
from bot.telegram.outgoing.messenger import Messenger
from handlers.ports import ChatGone, ChatLater, MessageRef, Undecided
from handlers.responses import Reply, Rows
from handlers.status_cards.due import DueCard

AT_ONCE = 10  # messages being changed; of the 30 a second that leave us the rest is for answers and songs
GROUP_EVERY_S = 5.0  # Telegram lets 20 messages a minute into a group, edits included; songs need room too


class StatusCards:
    """Changes no chat with a RetryAfter, and no group more often than Telegram allows."""

    def __init__(self, messenger: Messenger, flood_control: FloodControl) -> None:
        self._messenger = messenger
        self._flood_control = flood_control
        self._group_free_at: dict[int, float] = {}

    def may_change(self, where: Mapping[str, str]) -> bool:
        """Whether a chat takes a change now. A group that does is not asked again for a while."""
        chat_id, now = int(where["chat"]), time.monotonic()
        if self._flood_control.closed_s(chat_id) > 0 or self._group_free_at.get(chat_id, 0.0) > now:
            return False
        if chat_id < 0:
            self._group_free_at = {each: at for each, at in self._group_free_at.items() if at > now}
            self._group_free_at[chat_id] = now + GROUP_EVERY_S
        return True

    async def send(self, due: DueCard) -> MessageRef:
        reply, to = Reply(due.card.text, due.card.buttons), read_address(due.reply_to)
        with _mistakes_as_gone():
            sent = await self._messenger.send(reply, to=to, patience_s=0)
        await self._show_rendering(due)
        return ref_of(sent)

    async def edit(self, due: DueCard, ref: MessageRef) -> MessageRef:
        with _mistakes_as_gone():
            if not await self._messenger.edit(read_ref(ref), due.card.text, due.card.buttons):
                raise ChatGone("somebody deleted it")
        await self._show_rendering(due)
        return ref

    async def delete(self, ref: MessageRef) -> None:
        with _mistakes_as_gone():
            await self._messenger.delete(read_ref(ref))

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        with _mistakes_as_gone():
            await self._messenger.set_buttons(read_ref(ref), buttons)

    async def _show_rendering(self, due: DueCard) -> None:
        """Show the chat action; an error is ignored, since the card shows the stage as well."""
        if due.card.rendering is not None:
            with suppress(ChatGone, ChatLater, Undecided, TelegramError):
                await self._messenger.show_uploading(read_address(due.reply_to))


@contextmanager
def _mistakes_as_gone() -> Iterator[None]:
    """Raise ChatGone for a request that Telegram calls wrong: it would be refused the next time, too."""
    try:
        yield
    except TelegramError as error:
        raise ChatGone(error.message) from error
