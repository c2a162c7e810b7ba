"""The server itself: one port on 127.0.0.1 for REST, gateway and attachments, and the parts behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from aiohttp import web

from tests.discord_server.clock import Clock
from tests.discord_server.entities import MIB, User
from tests.discord_server.faults import Faults, Handler
from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import Interactions
from tests.discord_server.messages import Messages
from tests.discord_server.rejections import Rejected, Violation, json_response
from tests.discord_server.rest import Rest
from tests.discord_server.user_client import UserClient
from tests.discord_server.world import World

T = TypeVar("T")
API = "/api/v10"
WITHOUT_TOKEN = ("/interactions/", "/webhooks/")


class DiscordServer:
    """Discord's end of the network. `violations` holds what a bot did wrong; a test takes what it expects."""

    def __init__(self, *, token: str = "a.bot.token", shards: int = 1, heartbeat_s: float = 41.25) -> None:
        self.token = token
        self.clock = Clock()
        self.world = World(self.clock)
        self.faults = Faults(self.clock)
        self.gateway = Gateway(self.world, token=token, shards=shards, heartbeat_s=heartbeat_s)
        self.messages = Messages(self.world, self.gateway)
        self.interactions = Interactions(self.world, self.gateway, self.messages)
        self.rest = Rest(self.world, self.gateway, self.messages)
        self.downloads: list[str] = []

    @property
    def api_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return self.world.base_url + API

    @property
    def gateway_url(self) -> str:
        """For `DiscordWebSocket.DEFAULT_GATEWAY`."""
        return self.world.base_url.replace("http", "ws") + "/gateway"

    @property
    def violations(self) -> list[Violation]:
        return self.world.violations

    def take(self, code: int) -> list[Violation]:
        """Remove and return the violations with this code."""
        taken = [violation for violation in self.violations if violation.code == code]
        self.world.violations = [violation for violation in self.violations if violation.code != code]
        return taken

    def hands(self, user: User) -> UserClient:
        return UserClient(
            user,
            self.world,
            gateway=self.gateway,
            messages=self.messages,
            rest=self.rest,
            interactions=self.interactions,
        )

    def person(self, name: str, *, locale: str = "en-US") -> UserClient:
        """Make a user and return their hands."""
        return self.hands(self.world.user(name, locale=locale))

    async def until(self, probe: Callable[[], T | None], *, within: float = 10.0) -> T:
        """Wait until the probe gives something true, and return it; TimeoutError says it never did."""
        async with asyncio.timeout(within):
            # The probe may look at either end of the wire, so there is no one event to wait for.
            while not (found := probe()):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            return found

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DiscordServer]:
        """Serve until the block ends; then cut what is still connected."""
        runner = web.AppRunner(self._application(), shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)  # hundreds connect at once
        await site.start()
        host, port = runner.addresses[0][:2]
        self.world.base_url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await self.gateway.cut()
            await runner.cleanup()

    def _application(self) -> web.Application:
        api = web.Application(middlewares=[self._through])
        webhook = "/webhooks/{application}/{token}"
        message = webhook + "/messages/{message}"
        api.add_routes(self.rest.routes())
        api.add_routes(
            [
                web.post("/interactions/{interaction}/{token}/callback", self.interactions.callback),
                web.post(webhook, self.interactions.follow_up),
                web.get(message, self.interactions.get),
                web.patch(message, self.interactions.edit),
                web.delete(message, self.interactions.delete),
            ]
        )
        root = web.Application(client_max_size=64 * MIB)  # above Discord's limit, so that it is ours to refuse
        root.add_subapp(API, api)
        root.router.add_get("/gateway", self.gateway.serve)
        root.router.add_get("/resume", self.gateway.serve)
        root.router.add_get("/attachments/{channel}/{attachment}/{filename}", self._download)
        return root

    @web.middleware
    async def _through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass a request through faults, the token check and its route; note what is refused."""
        path = request.path.removeprefix(API)

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_token(request, path)
                return await handler(request)
            except Rejected as refused:
                self._note(refused.code, f"{request.method} {path}", str(refused))
                return refused.response()
            except (KeyError, ValueError) as error:
                self._note(50035, f"{request.method} {path}", repr(error))
                return Rejected(50035, field="body", reason="UNION_TYPE_CHOICES").response()
            except web.HTTPException as error:
                self._note(0, f"{request.method} {path}", error.reason)
                body = {"message": f"{error.status}: {error.reason}", "code": 0}
                return json_response(body, status=error.status)

        return await self.faults.serve(request, path, guarded)

    def _note(self, code: int, where: str, detail: str) -> None:
        self.world.violations.append(Violation(code, where, detail))

    def _check_token(self, request: web.Request, path: str) -> None:
        if not path.startswith(WITHOUT_TOKEN) and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Rejected(0)

    async def _download(self, request: web.Request) -> web.Response:
        """Serve a file while its URL's signature holds."""
        self.downloads.append(request.path)
        ends, signature = request.query.get("ex", "0"), request.query.get("hm", "")
        found = self.world.files.get(int(request.match_info["attachment"]))
        if found is None or signature != self.world.signature(request.path, ends):
            return web.Response(status=404, text="This content is no longer available.")
        if int(ends, 16) < self.clock.now():
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=found.data, content_type=found.content_type)
