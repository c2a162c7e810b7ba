"""Flood control: each chat is waited for by itself, so that a RetryAfter in one delays no other."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram.error import ChatMigrated, TelegramError

from bot.telegram.api_errors import meaning
from handlers.ports import ChatLater, Clock

T = TypeVar("T")

REPLY_PATIENCE_S = 30.0  # how long an answer waits for a chat that has sent RetryAfter
KEPT = 1000  # chats with a RetryAfter; old entries are dropped when there are more


class FloodControl:
    """Calls chats, obeys their RetryAfter and follows groups that became supergroups."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open_at: dict[int, float] = {}  # time.monotonic()
        self._moved: dict[int, int] = {}

    def closed_s(self, chat_id: int) -> float:
        """Give the seconds until the chat may be called again; 0 means now."""
        return max(0.0, self._open_at.get(self._moved.get(chat_id, chat_id), 0.0) - time.monotonic())

    async def call(self, chat_id: int, send: Callable[[int], Awaitable[T]], *, patience_s: float = 0.0) -> T:
        """Give what `send(chat id)` gives. What surely was not sent is sent again within patience_s.

        Raises ChatGone, ChatLater, Undecided; TelegramError is a mistake of ours.
        """
        end = time.monotonic() + patience_s
        while True:
            now_id = self._moved.get(chat_id, chat_id)
            try:
                self._check_open(now_id)
                return await send(now_id)
            except ChatMigrated as moved:
                self._moved[chat_id] = self._moved[now_id] = moved.new_chat_id
            except ChatLater as later:
                await self._wait(later, end)
            except TelegramError as error:
                failure = meaning(error)
                if not isinstance(failure, ChatLater):
                    raise failure from error
                self._close(now_id, failure.retry_after_s)
                await self._wait(failure, end)

    def _check_open(self, chat_id: int) -> None:
        if (left := self.closed_s(chat_id)) > 0:
            raise ChatLater(left)

    async def _wait(self, later: ChatLater, end: float) -> None:
        if time.monotonic() + later.retry_after_s > end:
            raise later
        await self._clock.sleep(later.retry_after_s)

    def _close(self, chat_id: int, seconds: float) -> None:
        now = time.monotonic()
        if len(self._open_at) >= KEPT:
            self._open_at = {each: at for each, at in self._open_at.items() if at > now}
        self._open_at[chat_id] = now + seconds
