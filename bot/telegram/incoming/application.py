"""python-telegram-bot's Application: how it reaches Telegram, and which handler gets which update."""

from __future__ import annotations

import logging
from typing import Any, TypeAlias

from telegram import Message, Update
from telegram.error import TelegramError
from telegram.ext import (
    AIORateLimiter,
    Application,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    MessageReactionHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.telegram.incoming.callback_queries import CallbackQueries
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.messages import Messages
from bot.telegram.incoming.reactions import Reactions
from bot.telegram.origins import address_of, read_address
from handlers.ports import ChatGone, ChatLater, Undecided
from handlers.responses import Reply
from handlers.texts import sentence

log = logging.getLogger(__name__)

Client: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

KINDS = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MESSAGE_REACTION)  # the last comes only to those who name it
OFFICIAL = "https://api.telegram.org"
CONNECTIONS = 64  # to Telegram, at once
BURST, BURST_S = 4, 0.16  # messages, seconds: 25 a second and never more than 29, where Telegram takes about 30
TIMEOUT_S = 15.0  # of a request; uploads and polls add their own
ALARMISTS = ("telegram.ext.AIORateLimiter", "telegram.request.BaseRequest")  # a flood or a 502 is a traceback to them
CLOSED = (ChatGone, ChatLater, Undecided)


def client(token: str, *, api_url: str | None, timeout_s: float = TIMEOUT_S) -> Client:
    """Make the client. Its rate limiter spaces requests out. `FloodControl` handles RetryAfter, since the limiter would
    then stop all chats for one."""
    for name in ALARMISTS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    url = (api_url or OFFICIAL).rstrip("/")
    polls = HTTPXRequest(connection_pool_size=4, read_timeout=timeout_s, connect_timeout=timeout_s)
    return (
        Application.builder()
        .token(token)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .updater(None)
        .rate_limiter(AIORateLimiter(overall_max_rate=BURST, overall_time_period=BURST_S, max_retries=0))
        .connection_pool_size(CONNECTIONS)
        .connect_timeout(timeout_s)
        .read_timeout(timeout_s)
        .write_timeout(timeout_s)
        .pool_timeout(timeout_s)
        .get_updates_request(polls)
        .build()
    )


class UpdateDispatcher:
    """Hands each update to its handler."""

    def __init__(self, app: Client, context: TelegramContext) -> None:
        self._app = app
        self._context = context
        app.add_handler(CallbackQueryHandler(CallbackQueries(context).handle))
        app.add_handler(MessageReactionHandler(Reactions(context).handle))
        app.add_handler(MessageHandler(filters.UpdateType.MESSAGE, Messages(context).handle))
        app.add_error_handler(self._broken)

    async def dispatch(self, update: Update) -> None:
        """Handle one update; never raises for what it holds."""
        await self._app.process_update(update)

    async def _broken(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log a bug once, and apologise to the person who met it."""
        if isinstance(context.error, CLOSED):
            log.info("an answer was not sent: %r", context.error)
            return
        log.error("an update broke", exc_info=context.error)
        message = update.message if isinstance(update, Update) else None
        if message is not None:
            await self._apologise(message)

    async def _apologise(self, message: Message) -> None:
        language = message.from_user and message.from_user.language_code
        reply = Reply(sentence(language or "en", "broken"))
        try:
            await self._context.messenger.send(reply, to=read_address(address_of(message)), patience_s=0)
        except (*CLOSED, TelegramError) as error:
            log.info("nor could we say so: %r", error)
