"""Updates by webhook: each is answered when it is stored, so that Telegram sends again what a crash interrupts."""

from __future__ import annotations

import hmac
import json
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import tornado.web
from telegram import Bot, Update
from tornado.httpserver import HTTPServer

from bot.telegram.incoming.inbox import UpdateInbox
from storage.errors import StorageError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
HEALTH_PATH = "/health"
MAX_BODY = 1_000_000  # bytes; updates carry no files


class UpdateHandler(tornado.web.RequestHandler):
    """Takes one update. Only Telegram knows the secret."""

    def initialize(self, bot: Bot, inbox: UpdateInbox, secret: str) -> None:
        self._bot = bot
        self._inbox = inbox
        self._secret = secret

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise tornado.web.HTTPError(HTTPStatus.FORBIDDEN)
        try:
            await self._inbox.store([self._update()])
        except StorageError as error:
            log.warning("an update stays with Telegram: %r", error)
            raise tornado.web.HTTPError(HTTPStatus.SERVICE_UNAVAILABLE) from error

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
    bot: Bot, inbox: UpdateInbox, *, path: str, secret: str, sockets: Sequence[socket.socket]
) -> AsyncIterator[None]:
    """Serve the webhook's path and /health on bound sockets while the body runs."""
    parts = {"bot": bot, "inbox": inbox, "secret": secret}
    app = tornado.web.Application([(HEALTH_PATH, HealthHandler), (path, UpdateHandler, parts)], log_function=_quiet)
    server = HTTPServer(app, max_buffer_size=MAX_BODY, xheaders=False)
    server.add_sockets(list(sockets))
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()
        await inbox.until_stored()


def _quiet(handler: tornado.web.RequestHandler) -> None:
    """Requests are not logged: their paths say nothing, and their bodies are private."""
