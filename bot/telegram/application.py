"""The Telegram bot as a whole: its client, what handles which update, and polling or webhook."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from telegram import Bot, Update
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import (
    AIORateLimiter,
    Application,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    MessageReactionHandler,
    filters,
)
from tornado.netutil import bind_sockets

from bot.settings import Settings
from bot.telegram.albums import Albums
from bot.telegram.buttons import Buttons
from bot.telegram.cards import Cards
from bot.telegram.chat import TelegramChat
from bot.telegram.failures import flood_s
from bot.telegram.lanes import Lanes
from bot.telegram.line import Line
from bot.telegram.messages import Messages
from bot.telegram.pictures import Downloads
from bot.telegram.polling import PAUSES_S, Poller
from bot.telegram.profile import set_profile
from bot.telegram.reactions import Reactions
from bot.telegram.room import Room
from bot.telegram.voice import Voice
from bot.telegram.webhook import receiving
from bot.wiring import Process
from bot.workers import delivering
from handlers.ports import ChatGone, ChatLater, Undecided

log = logging.getLogger(__name__)

KINDS = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MESSAGE_REACTION)  # the last comes only to those who name it
CONNECTIONS = 64  # to Telegram, at once
READ_TIMEOUT_S = 15.0
POLL_TIMEOUT_S = 10.0  # on top of the time that Telegram holds a poll

AnyApplication = Application  # type: ignore[type-arg] # its six parameters say nothing here


async def serve_telegram(settings: Settings, process: Process) -> None:
    """Serve Telegram until cancelled; raises InvalidToken when Telegram does not know the bot."""
    app = client(settings)
    await _patiently(app.initialize)
    try:
        room, line = furnish(app.bot, process)
        route(app, room)
        chat = TelegramChat(app.bot, room.voice, desk=process.desk)
        await set_profile(app.bot, desk=process.desk)
        async with delivering(chat, process), room.cards.moving():
            await _receive(settings, app)
    finally:
        await app.shutdown()
