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

log = logging.getLogger(__name__)

Handle = Callable[[Update], Awaitable[None]]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
HEALTH_PATH = "/health"
MAX_BODY = 1_000_000  # bytes; updates carry no files
PATIENCE_S = 20.0  # a slow update is answered by then and goes on by itself


class UpdateHandler(tornado.web.RequestHandler):
    """Takes one update. Only Telegram knows the secret."""

    def initialize(self, bot: Bot, handle: Handle, secret: str, going_on: set[asyncio.Task[None]]) -> None:
        self._bot = bot
        self._handle = handle
        self._secret = secret
        self._going_on = going_on

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise tornado.web.HTTPError(HTTPStatus.FORBIDDEN)
        update = self._update()
        task = asyncio.create_task(_run(self._handle, update))
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
        if not (update.message and update.message.media_group_id):  # an album's parts come one after another
            await asyncio.wait({task}, timeout=PATIENCE_S)

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
    bot: Bot, handle: Handle, *, path: str, secret: str, doors: Sequence[socket.socket]
) -> AsyncIterator[None]:
    """Serve the webhook's path and /health on bound sockets while the body runs."""
    going_on: set[asyncio.Task[None]] = set()
    parts = {"bot": bot, "handle": handle, "secret": secret, "going_on": going_on}
    app = tornado.web.Application([(HEALTH_PATH, HealthHandler), (path, UpdateHandler, parts)], log_function=_quiet)
    server = HTTPServer(app, max_buffer_size=MAX_BODY, xheaders=False)
    server.add_sockets(list(doors))
    try:
        yield
    finally:
        server.stop()
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)
        await server.close_all_connections()


async def _run(handle: Handle, update: Update) -> None:
    await handle(update)


def _quiet(handler: tornado.web.RequestHandler) -> None:
    """Requests are not logged: their paths say nothing, and their bodies are private."""
