"""Updates on their way to the bot: getUpdates, acknowledged by offset, or a webhook that tries again."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from tests.telegram_server.call import Call, Json, Rejected, bad_request

ONLY_IF_NAMED = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL_S = 2.0  # whatever the bot asks for; a new update ends the wait at once


@dataclass(frozen=True, slots=True)
class Webhook:
    public: URL
    local: URL  # where the reverse proxy before the bot leads
    secret: str


@dataclass(slots=True)
class Updates:
    pending: dict[int, tuple[int, Json]] = field(default_factory=dict)  # unconfirmed: id → (lane, update)
    confirmed: dict[int, tuple[int, Json]] = field(default_factory=dict)
    deliveries: Counter[int] = field(default_factory=Counter)  # how often the bot was handed each id
    proxy: dict[str, str] = field(default_factory=dict)  # public origin → local origin of the bot's webhook
    retry_s: float = 0.02
    lose_answers: int = 0  # so many of the webhook's next answers get lost
    last_error: str = ""
    webhook: Webhook | None = None
    _next_id: int = 731_000_001
    _allowed: set[str] = field(default_factory=set)  # empty: all but ONLY_IF_NAMED
    _again: set[int] = field(default_factory=set)  # to be handed out once more, whatever the offset says
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _poll: int = 0
    _lanes: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _client: aiohttp.ClientSession | None = None

    def add(self, kind: str, payload: Json, *, lane: int) -> int | None:
        """Queue an update and give its id; None when the bot did not ask for this kind."""
        if (self._allowed and kind not in self._allowed) or (not self._allowed and kind in ONLY_IF_NAMED):
            return None
        number, self._next_id = self._next_id, self._next_id + 1
        self._queue(number, lane, {"update_id": number, kind: payload})
        return number

    def deliver_again(self, update_id: int) -> None:
        """Queue an update that the bot confirmed already, as happens in life."""
        self._again.add(update_id)
        self._queue(update_id, *self.confirmed.pop(update_id))

    def _queue(self, number: int, lane: int, update: Json) -> None:
        self.pending[number] = (lane, update)
        self._wake.set()
        self._push(lane)

    def _confirm(self, number: int) -> None:
        if number in self.pending:  # they may have been dropped while one was on its way
            self.confirmed[number] = self.pending.pop(number)

    def _confirm_before(self, offset: int) -> None:
        """Confirm what lies before an offset; a negative one keeps so many of the newest."""
        waiting = sorted(self.pending)
        passed = waiting[:offset] if offset < 0 else [number for number in waiting if number < offset]
        for number in passed:
            if number not in self._again:
                self._confirm(number)

    async def get(self, call: Call) -> list[Json]:
        """Answer getUpdates; a second poller ends the first one's wait with a conflict."""
        if self.webhook:
            how = "use deleteWebhook to delete the webhook first"
            raise Rejected(409, f"Conflict: can't use getUpdates method while webhook is active; {how}")
        self._set_allowed(call)
        offset, end = call.integer("offset"), time.monotonic() + min(call.integer("timeout"), LONGEST_POLL_S)
        self._confirm_before(offset)
        self._poll += 1
        self._wake.set()
        await self._something_or(end, self._poll)
        handed = [self.pending[number][1] for number in sorted(self.pending)][: call.integer("limit", 100)]
        numbers = {update["update_id"] for update in handed}
        self.deliveries.update(numbers)
        self._again -= numbers
        return handed

    async def _something_or(self, end: float, poll: int) -> None:
        while not self.pending and (left := end - time.monotonic()) > 0:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), left)
            except TimeoutError:
                return
            if poll != self._poll:
                why = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise Rejected(409, f"Conflict: {why}")

    def set_webhook(self, call: Call) -> bool:
        """Check and keep a webhook; an empty URL removes it, as deleteWebhook does."""
        url, secret = URL(call.text("url")), call.text("secret_token")
        if call.text("drop_pending_updates") == "true":
            for number in list(self.pending):
                self._confirm(number)
        if not call.text("url"):
            self.webhook = None
            return True
        if url.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if url.port not in (443, 80, 88, 8443):
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        if (local := self.proxy.get(str(url.origin()))) is None:
            raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
        self._set_allowed(call)
        self.webhook = Webhook(url, URL(local).join(url.relative()), secret)
        for lane, _ in list(self.pending.values()):
            self._push(lane)
        return True

    def webhook_info(self) -> Json:
        url = str(self.webhook.public) if self.webhook else ""
        info = {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}
        failed = {"last_error_message": self.last_error, "last_error_date": int(time.time())}
        return info | (failed if self.last_error else {})

    def _set_allowed(self, call: Call) -> None:
        """Remember which kinds are wanted; a request that does not say leaves it as it was."""
        if (allowed := call.json("allowed_updates")) is not None:
            self._allowed = set(allowed)

    def _push(self, lane: int) -> None:
        """Post a chat's updates one after another; chats do not wait for one another."""
        if self.webhook and (lane not in self._lanes or self._lanes[lane].done()):
            self._lanes[lane] = asyncio.create_task(self._post_lane(lane))

    async def _post_lane(self, lane: int) -> None:
        while self.webhook and (waiting := sorted(n for n, (at, _) in self.pending.items() if at == lane)):
            if await self._post(self.webhook, waiting[0]):
                self._confirm(waiting[0])
            else:
                await asyncio.sleep(self.retry_s)

    async def _post(self, webhook: Webhook, number: int) -> bool:
        """Hand one update to the webhook and say whether its answer counts."""
        self._client = self._client or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5))
        secret = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        try:
            async with self._client.post(webhook.local, json=self.pending[number][1], headers=secret) as answer:
                self.deliveries[number] += 1
                if 200 <= answer.status <= 299 and not self.lose_answers:
                    return True
                self.lose_answers -= 1 if answer.ok else 0
                self.last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            self.last_error = f"Connection failed: {error}"
        return False

    async def close(self) -> None:
        """End every wait and every push."""
        self.webhook = None
        for task in self._lanes.values():
            task.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        if self._client:
            await self._client.close()
