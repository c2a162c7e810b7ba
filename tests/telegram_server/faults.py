"""What goes wrong on demand: floods, server errors, lost answers, cut connections, slowness, rate limits."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from tests.telegram_server.call import Call, Rejected, too_many_requests


@dataclass(slots=True)
class Fault:
    """One planned misbehaviour: whether the request takes effect, and how the answer ends."""

    method: str  # "file" is a download
    chat_id: int | None  # None: any
    times: int
    takes_effect: bool = False
    ends: Literal["answer", "hang", "cut"] = "answer"
    rejection: Rejected | None = None
    by_proxy: bool = False  # the answer is a page for people instead of JSON
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` messages within `window_s` seconds."""

    count: int
    window_s: float


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Telegram's limits for messages, edits included; short bursts in a chat are let through."""

    chat: Limit = Limit(3, 3.0)
    group: Limit = Limit(20, 60.0)
    overall: Limit = Limit(30, 1.0)


@dataclass(slots=True)
class Faults:
    limits: RateLimits | None = None  # off unless a test turns them on
    _planned: list[Fault] = field(default_factory=list)
    _closed_until: dict[int, float] = field(default_factory=dict)  # chats that were told to wait
    _sent: defaultdict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))  # 0: all chats

    def flood(self, method: str, *, retry_after_s: int, chat_id: int | None = None, times: int = 1) -> None:
        """Answer 429; asking the same chat again before its time is the bot's mistake."""
        rejection = too_many_requests(retry_after_s, mistake=False)
        self._planned.append(Fault(method, chat_id, times, rejection=rejection))

    def fail(
        self,
        method: str,
        *,
        status: int = 502,
        chat_id: int | None = None,
        times: int = 1,
        by_proxy: bool = False,
        after_effect: bool = False,
    ) -> None:
        """Answer with a server's error, as Telegram words it or as the proxy before it; nothing was done, or all."""
        rejection = Rejected(status, HTTPStatus(status).phrase, mistake=False)
        self._planned.append(
            Fault(method, chat_id, times, takes_effect=after_effect, rejection=rejection, by_proxy=by_proxy)
        )

    def hang(self, method: str, *, after_effect: bool, chat_id: int | None = None, times: int = 1) -> None:
        """Never answer, so that the bot's time-out ends the request."""
        self._planned.append(Fault(method, chat_id, times, takes_effect=after_effect, ends="hang"))

    def cut(self, method: str, *, after_effect: bool, chat_id: int | None = None, times: int = 1) -> None:
        """Close the connection instead of answering."""
        self._planned.append(Fault(method, chat_id, times, takes_effect=after_effect, ends="cut"))

    def slow(self, method: str, *, delay_s: float, chat_id: int | None = None, times: int = 1) -> None:
        """Answer as always, but late."""
        self._planned.append(Fault(method, chat_id, times, takes_effect=True, delay_s=delay_s))

    def take(self, call: Call) -> Fault | None:
        """The fault planned for this request, one use of it gone."""
        for fault in self._planned:
            if fault.times and fault.method == call.method and fault.chat_id in (None, call.chat_id):
                fault.times -= 1
                if fault.rejection and fault.rejection.code == 429:
                    self._close(call, int(fault.rejection.parameters["retry_after"]))
                return fault
        return None

    def check_pace(self, call: Call) -> None:
        """Refuse what comes too early after a 429, or what exceeds the limits."""
        if not call.is_message or call.chat_id is None:
            return
        if (left := self._closed_until.get(call.chat_id, 0.0) - call.at) > 0:
            raise too_many_requests(math.ceil(left), mistake=True)
        if self.limits:
            in_chat = self.limits.group if call.chat_id < 0 else self.limits.chat
            self._count(call, call.chat_id, in_chat)
            self._count(call, 0, self.limits.overall)

    def _count(self, call: Call, key: int, limit: Limit) -> None:
        sent = self._sent[key]
        while sent and sent[0] <= call.at - limit.window_s:
            sent.popleft()
        if len(sent) >= limit.count:
            wait = math.ceil(sent[0] + limit.window_s - call.at)
            self._close(call, wait)
            raise too_many_requests(wait, mistake=True)
        sent.append(call.at)

    def _close(self, call: Call, seconds: int) -> None:
        if call.chat_id is not None:
            self._closed_until[call.chat_id] = time.monotonic() + seconds
