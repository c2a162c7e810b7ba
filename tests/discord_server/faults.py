"""What can go wrong between a bot and Discord, on demand, and the log of every request.

A test names a route ("POST /channels/*/messages") and what its next requests shall meet.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from aiohttp import web

from tests.discord_server.clock import Clock
from tests.discord_server.rejections import Rejected, json_response

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Behaviour = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
GLOBAL_PER_SECOND = 50


def rate_limited(retry_after: float, *, scope: str = "user", via: bool = True) -> Behaviour:
    """Answer 429. scope: user, shared or global. Without a Via header it is Cloudflare's ban."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        return limit_response(retry_after, scope=scope, via=via)

    return behave


def limit_response(retry_after: float, *, scope: str, via: bool = True) -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": scope == "global"}
    response = json_response(body, status=429)
    response.headers.update({"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": scope})
    if scope == "global":
        response.headers["X-RateLimit-Global"] = "true"
    if via:
        response.headers["Via"] = "1.1 google"
    return response


def fails(status: int) -> Behaviour:
    """Answer a 5xx with nothing done, as an overloaded far end does: HTML, not JSON."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(status=status, text="<html>upstream error</html>", content_type="text/html")

    return behave


def refuses(code: int) -> Behaviour:
    """Refuse with one of Discord's JSON codes and nothing done."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        return Rejected(code).response()

    return behave


def cut_before() -> Behaviour:
    """Cut the connection with nothing done."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        return _cut(request)

    return behave


def cut_after() -> Behaviour:
    """Do what was asked, then cut the connection instead of answering."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        await handler(request)
        return _cut(request)

    return behave


def silent_after() -> Behaviour:
    """Do what was asked and never answer: the caller runs into its own time-out."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        await handler(request)
        await asyncio.Event().wait()
        raise AssertionError

    return behave


def held(until: asyncio.Event, *, clock: Clock | None = None, passing: float = 0.0) -> Behaviour:
    """Be slow: do what was asked once the event is set, `passing` seconds later by the given clock."""

    async def behave(request: web.Request, handler: Handler) -> web.StreamResponse:
        await until.wait()
        if clock is not None:
            clock.advance(passing)
        return await handler(request)

    return behave


def brings_files(request: web.Request) -> bool:
    """Whether the request uploads something."""
    return request.content_type.startswith("multipart/")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@dataclass
class Rule:
    """A pattern, what happens there, and for how many more requests."""

    pattern: str
    behaviour: Behaviour
    left: int
    only: Callable[[web.Request], bool] | None = None


@dataclass
class Bucket:
    """A route's rate limit: `limit` requests in `per` seconds for each channel or webhook."""

    pattern: str
    limit: int
    per: float
    used: dict[str, list[float]] = field(default_factory=dict)

    def take(self, resource: str, now: float) -> tuple[int, float]:
        """Count a request; return how many remain (negative: refused) and seconds until the reset."""
        recent = [at for at in self.used.get(resource, []) if at > now - self.per]
        remaining = self.limit - len(recent) - 1
        self.used[resource] = recent + ([now] if remaining >= 0 else [])
        return remaining, self.used[resource][0] + self.per - now


@dataclass
class Seen:
    """One request: when it came, what it asked, and the status and JSON code it got (0: no answer)."""

    at: float
    route: str
    status: int = 0
    code: int = 0
    scope: str = ""


class Faults:
    """Rules and limits that stand before the routes, and the log behind them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: list[Rule] = []
        self.buckets: list[Bucket] = []
        self.per_second: int | None = GLOBAL_PER_SECOND
        self._recent: list[float] = []
        self.log: list[Seen] = []

    def on(
        self,
        pattern: str,
        behaviour: Behaviour,
        *,
        times: int = 1,
        only: Callable[[web.Request], bool] | None = None,
    ) -> Rule:
        """Let the next `times` requests that match "METHOD /path" (with * for ids) meet this behaviour.

        `only` chooses among them, such as `brings_files`.
        """
        rule = Rule(pattern, behaviour, times, only)
        self._rules.append(rule)
        return rule

    def requests(self, pattern: str) -> list[Seen]:
        """The logged requests that match, in order of their coming."""
        return [seen for seen in self.log if fnmatchcase(seen.route, pattern)]

    @property
    def invalid(self) -> int:
        """Requests that count towards the ban at 10,000 in 10 minutes: 401, 403, and 429 unless shared."""
        since = self._clock.now() - 600
        return sum(s.at > since and s.status in (401, 403, 429) and s.scope != "shared" for s in self.log)

    async def serve(self, request: web.Request, path: str, handler: Handler) -> web.StreamResponse:
        """Log one request and pass it through limits and rules to its route."""
        seen = Seen(self._clock.now(), f"{request.method} {path}")
        self.log.append(seen)
        response = await self._meet(request, seen.route, handler)
        if request.transport is not None and not request.transport.is_closing():
            seen.status, seen.scope = response.status, response.headers.get("X-RateLimit-Scope", "")
            if seen.status >= 400 and response.content_type == "application/json":
                assert isinstance(response, web.Response)
                assert isinstance(response.body, bytes)
                seen.code = json.loads(response.body).get("code", 0)
        return response

    async def _meet(self, request: web.Request, route: str, handler: Handler) -> web.StreamResponse:
        for rule in self._rules:
            if rule.left > 0 and fnmatchcase(route, rule.pattern) and (rule.only is None or rule.only(request)):
                rule.left -= 1
                return await rule.behaviour(request, handler)
        if wait := self._global_wait(route):
            return limit_response(wait, scope="global")
        for bucket in self.buckets:
            if fnmatchcase(route, bucket.pattern):
                return await self._metered(bucket, route, request, handler)
        return await handler(request)

    def _global_wait(self, route: str) -> float:
        """Seconds to wait when 50 requests came within the last one; interaction routes are exempt."""
        if self.per_second is None or " /interactions/" in route or " /webhooks/" in route:
            return 0.0
        now = self._clock.now()
        self._recent = [at for at in self._recent if at > now - 1.0]
        if len(self._recent) >= self.per_second:
            return round(self._recent[0] + 1.0 - now, 3)
        self._recent.append(now)
        return 0.0

    async def _metered(self, bucket: Bucket, route: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        remaining, reset_after = bucket.take("/".join(route.split("/")[:3]), self._clock.now())
        response = await handler(request) if remaining >= 0 else limit_response(round(reset_after, 3), scope="user")
        response.headers.update(
            {
                "X-RateLimit-Limit": str(bucket.limit),
                "X-RateLimit-Remaining": str(max(0, remaining)),
                "X-RateLimit-Reset": f"{self._clock.now() + reset_after:.3f}",
                "X-RateLimit-Reset-After": f"{reset_after:.3f}",
                "X-RateLimit-Bucket": f"{abs(hash(bucket.pattern)):x}",
            }
        )
        return response
