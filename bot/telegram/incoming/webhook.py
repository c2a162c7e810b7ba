"""Updates by webhook: each is answered when it is handled, so that Telegram sends again what a crash interrupts."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import tornado.web
from telegram import Bot, Update
from tornado.httpserver import HTTPServer

from bot.telegram.incoming.pending_updates import PendingUpdates

log = logging.getLogger(__name__)

Handle = Callable[[Update], Awaitable[None]]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
HEALTH_PATH = "/health"
MAX_BODY = 1_000_000  # bytes; updates carry no files
PATIENCE_S = 20.0  # a slow update is answered by then and goes on by itself


class UpdateTasks:
    """The updates that are being handled."""

    def __init__(self, handle: Handle, pending: PendingUpdates) -> None:
        self._handle = handle
        self._held = pending
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: set[int] = set()

    async def start(self, update: Update, *, patience_s: float) -> bool:
        """Handle an update, and wait for that; False: it takes longer, and nobody can keep it meanwhile."""
        task = self._start(update)
        await asyncio.wait({task}, timeout=patience_s)
        if task.done():
            return True
        if not await self._held.keep(update):
            return False
        if task.done():
            await self._held.drop(update.update_id)
        else:
            self._kept.add(update.update_id)
        return True

    async def go_on(self) -> None:
        """Handle what an earlier process left."""
        for update in await self._held.left():
            self._kept.add(update.update_id)
            self._start(update)

    async def stop(self) -> None:
        """Break off what is being handled: it comes again, or is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, update: Update) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, update: Update) -> None:
        await self._handle(update)
        if update.update_id in self._kept:
            self._kept.discard(update.update_id)
            await self._held.drop(update.update_id)


class UpdateHandler(tornado.web.RequestHandler):
    """Takes one update. Only Telegram knows the secret."""

    def initialize(self, bot: Bot, work: UpdateTasks, secret: str) -> None:
        self._bot = bot
        self._work = work
        self._secret = secret

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise tornado.web.HTTPError(HTTPStatus.FORBIDDEN)
        update = self._update()
        in_album = bool(update.message and update.message.media_group_id)  # its parts come one after another
        if not await self._work.start(update, patience_s=0.0 if in_album else PATIENCE_S):
            raise tornado.web.HTTPError(HTTPStatus.SERVICE_UNAVAILABLE)

    def _update(self) -> Update:
        try:
            data = json.loads(self.request.body)
            if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
                raise tornado.web.HTTPError(HTTPStatus.BAD_REQUEST)
            return Update.de_json(data, self._bot)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise tornado.web.HTTPError(HTTPStatus.BAD_REQUEST) from error


class HealthHandler(tornado.web.RequestHandler):
    """Says that this process serves; for load balancers."""

    def get(self) -> None:
        self.write({"ok": True})


@asynccontextmanager
async def receiving(
    bot: Bot, handle: Handle, pending: PendingUpdates, *, path: str, secret: str, sockets: Sequence[socket.socket]
) -> AsyncIterator[None]:
    """Serve the webhook's path and /health on bound sockets while the body runs."""
    work = UpdateTasks(handle, pending)
    parts = {"bot": bot, "work": work, "secret": secret}
    app = tornado.web.Application([(HEALTH_PATH, HealthHandler), (path, UpdateHandler, parts)], log_function=_quiet)
    server = HTTPServer(app, max_buffer_size=MAX_BODY, xheaders=False)
    server.add_sockets(list(sockets))
    try:
        await work.go_on()
        yield
    finally:
        server.stop()
        await work.stop()
        await server.close_all_connections()


def _quiet(handler: tornado.web.RequestHandler) -> None:
    """Requests are not logged: their paths say nothing, and their bodies are private."""
