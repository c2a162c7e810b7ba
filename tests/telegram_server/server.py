"""The HTTP side: routes, tokens, the log of requests, and what fails a test at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web

from tests.telegram_server.call import Call, Json, Rejected, bad_request, read_call
from tests.telegram_server.faults import Fault, Faults
from tests.telegram_server.files import UPLOAD_LIMIT
from tests.telegram_server.methods import METHODS
from tests.telegram_server.updates import Updates
from tests.telegram_server.user_client import Person, change_membership, migrate
from tests.telegram_server.world import Chat, Message, User, World

T = TypeVar("T")
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
_NO_FAULT = Fault("", None, 0, takes_effect=True)


@dataclass(slots=True)
class TelegramServer:
    """A running server; `world` is the truth that tests look at, `url` where the bot finds it."""

    world: World = field(init=False)
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    token: str = TOKEN
    port: int = 0
    _expected: list[str] = field(default_factory=list)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        bot = User(int(self.token.partition(":")[0]), "Selfietune", "selfietune_bot", is_bot=True)
        self.world = World(Updates(), bot)

    @property
    def url(self) -> str:
        """What TELEGRAM_API_URL is set to; the library's base URLs are this + "/bot" and + "/file/bot"."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def updates(self) -> Updates:
        return self.world.updates

    def person(self, first_name: str, *, language_code: str = "en", started: bool = True) -> Person:
        """Let someone appear; without `started` the bot may not write to them yet."""
        user = User(next(self.world.ids), first_name, None, language_code)
        chat = Chat(user.id, "private", first_name, "member" if started else "left")
        self.world.chats[chat.id] = chat
        return Person(self.world, user, chat)

    def group(
        self, title: str, by: Person, *, admin: bool = False, supergroup: bool = False, topics: Sequence[int] = ()
    ) -> Chat:
        """Let a person open a group and add the bot. With topics it is a forum, which only supergroups can be."""
        supergroup = supergroup or bool(topics)
        number = next(self.world.ids)
        chat = Chat(
            -1_000_000_000_000 - number if supergroup else -number,
            "supergroup" if supergroup else "group",
            title,
            owner=by.user.id,
            topics=set(topics),
        )
        self.world.chats[chat.id] = chat
        change_membership(self.world, chat, by.user, "administrator" if admin else "member")
        return chat

    def migrate(self, group: Chat, by: Person) -> Chat:
        return migrate(self.world, group, by.user, self.world.ids)

    def sent(self, method: str, chat: Chat | None = None) -> list[Call]:
        """The requests for a method so far, in the order of arrival."""
        return [call for call in self.calls if call.method == method and (not chat or call.chat_id == chat.id)]

    async def until(self, look: Callable[[], T], *, within_s: float = 10.0) -> T:
        """Wait until something is so, and give what was seen."""
        async with asyncio.timeout(within_s):
            while not (seen := look()):  # noqa: ASYNC110 - the bot's own state may be what is looked at
                await asyncio.sleep(0.005)
        return seen

    async def answer(self, to: Message, kind: str = "", *, within_s: float = 10.0) -> Message:
        """Wait for the bot's first message after another one in its chat."""
        later = await self.until(lambda: [m for m in to.chat.from_bot(kind) if m.id > to.id], within_s=within_s)
        return later[0]

    def expect(self, violation: str) -> None:
        """Say that the test provokes a violation with these words; it fails if none comes."""
        self._expected.append(violation)

    def check(self) -> None:
        """Raise AssertionError unless the bot kept all rules but those the test expected it to break."""
        silent = [
            f"callback query {press.id} was never answered"
            for press in self.world.presses.values()
            if not press.answers
        ]
        found = self.violations + silent
        surprising = [one for one in found if not any(words in one for words in self._expected)]
        missing = [words for words in self._expected if not any(words in one for one in found)]
        assert not surprising, f"against the Bot API's rules: {surprising}"
        assert not missing, f"expected, but did not happen: {missing}"

    async def up(self) -> None:
        """Listen; after `down` on the same port as before."""
        app = web.Application(client_max_size=UPLOAD_LIMIT + 1_000_000)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._serve)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._serve_file)
        self._closing.clear()
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Refuse connections and close those that are open."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._wrong_token(request)) is not None:
            return refused
        try:
            call = await read_call(request)
        except web.HTTPRequestEntityTooLarge:
            self.violations.append(f"{request.match_info['method']}: request entity too large")
            return _answer(Rejected(413, "Request Entity Too Large").json())
        self.calls.append(call)
        fault = self.faults.take(call) or _NO_FAULT
        await asyncio.sleep(fault.delay_s)
        body = await self._carry_out(call) if fault.takes_effect else {}
        return await self._end(call, request, fault, _refusal(fault) or body)

    async def _carry_out(self, call: Call) -> Json:
        try:
            self.faults.check_pace(call)
            if call.method == "getUpdates":
                return {"ok": True, "result": await self.updates.get(call)}
            return {"ok": True, "result": METHODS.get(call.method, _unknown)(self.world, call)}
        except Rejected as rejected:
            if rejected.mistake:
                self.violations.append(f"{call.method}: {rejected.description}")
            return rejected.json()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.violations.append(f"{call.method}: malformed parameters: {error!r}")
            return bad_request("can't parse the request").json()

    async def _end(self, call: Call, request: web.Request, fault: Fault, body: Json) -> web.StreamResponse:
        if fault.ends == "hang":
            await self._closing.wait()
        if fault.ends != "answer" and request.transport:
            request.transport.close()
            return web.Response()
        call.status, call.description = body.get("error_code", 200), body.get("description", "")
        return _page(call) if fault.by_proxy else _answer(body)

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._wrong_token(request)) is not None:
            return refused
        call = Call("file", {"path": request.match_info["path"]}, {})
        self.calls.append(call)
        fault, data = self.faults.take(call) or _NO_FAULT, self.world.files.read(call.text("path"))
        await asyncio.sleep(fault.delay_s)
        missing = {} if data is not None else Rejected(404, "Not Found").json()
        body = missing if fault.takes_effect else _refusal(fault)
        ended = await self._end(call, request, fault, body)
        return ended if body or fault.ends != "answer" else web.Response(body=data)

    def _wrong_token(self, request: web.Request) -> web.Response | None:
        given = request.match_info["token"]
        if given == self.token:
            return None
        known = given.partition(":")[0].isdigit() and len(given.partition(":")[2]) > 30
        return _answer(Rejected(401, "Unauthorized").json() if known else Rejected(404, "Not Found").json())


def _unknown(world: World, call: Call) -> object:
    raise Rejected(404, "Not Found")


def _refusal(fault: Fault) -> Json:
    return fault.rejection.json() if fault.rejection else {}


def _page(call: Call) -> web.Response:
    """What a proxy before Telegram says when it gets no answer from it."""
    title = f"{call.status} {call.description}"
    text = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
    return web.Response(status=call.status, text=text, content_type="text/html")


def _answer(body: Json) -> web.Response:
    return web.json_response(body, status=body.get("error_code", 200))


@asynccontextmanager
async def serve_telegram() -> AsyncIterator[TelegramServer]:
    """Run a server; leaving it fails on violations that the test did not expect."""
    server = TelegramServer()
    await server.up()
    try:
        yield server
        server.check()
    finally:
        await server.updates.close()
        await server.down()
