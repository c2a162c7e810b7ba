"""Telegram within the chat process: receives updates, delivers songs, keeps cards and counts up to date."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError
from tornado.netutil import bind_sockets

from bot.card_loop import CardLoop
from bot.chat_service import serve_chat
from bot.errors import UserError
from bot.settings import Settings, prefer_timedeltas
from bot.telegram.bot_profile import set_profile
from bot.telegram.incoming.albums import QUIET_S, Albums
from bot.telegram.incoming.application import KINDS, TIMEOUT_S, UpdateDispatcher, client
from bot.telegram.incoming.attachments import TelegramAttachments
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.inbox import UpdateInbox
from bot.telegram.incoming.polling import pause_s, poll_updates
from bot.telegram.incoming.webhook import receiving
from bot.telegram.origins import PLATFORM
from bot.telegram.outgoing.chat import UPLOAD_TIMEOUT_S, TelegramChat
from bot.telegram.outgoing.flood_control import FloodControl
from bot.telegram.outgoing.messenger import Messenger
from bot.telegram.outgoing.status_cards import AT_ONCE, StatusCards
from bot.wiring import Process
from handlers.intake.receive import Intake

log = logging.getLogger(__name__)

WEBHOOK_CONNECTIONS = 100  # Telegram's most; each holds one update until it is stored


async def serve_telegram(
    settings: Settings,
    process: Process,
    *,
    sockets: Sequence[socket.socket] = (),
    timeout_s: float = TIMEOUT_S,
    upload_timeout_s: float = UPLOAD_TIMEOUT_S,
    album_quiet_s: float = QUIET_S,
) -> None:
    """Serve Telegram until cancelled; UserError when Telegram does not know the bot.

    sockets: bound ones for the webhook, in place of TELEGRAM_WEBHOOK_LISTEN.
    """
    assert settings.telegram_token is not None
    prefer_timedeltas()
    token, deps = settings.telegram_token.get_secret_value(), process.deps
    app = client(token, api_url=settings.telegram_api_url, timeout_s=timeout_s)
    bot: Bot = app.bot
    try:
        await patiently(app.initialize)
        flood_control = FloodControl(deps.clock)
        messenger = Messenger(bot, flood_control)
        messages = StatusCards(messenger, flood_control)
        cards = CardLoop(messages, platform=PLATFORM, deps=deps, may_change=messages.may_change, at_once=AT_ONCE)
        intake = Intake(TelegramAttachments(bot), deps=deps)
        context = TelegramContext(bot, deps, messenger, cards, intake, Albums(quiet_s=album_quiet_s))
        inbox = UpdateInbox(bot, UpdateDispatcher(app, context).dispatch, deps=deps)
        chat = TelegramChat(bot, messenger, deps=deps, upload_timeout_s=upload_timeout_s)
        await set_profile(bot, deps=deps)
        receive = receive_updates(bot, inbox, settings, token=token, sockets=sockets)
        await serve_chat(chat, cards, process, receive, inbox.handle_stored())
    finally:
        await app.shutdown()
        await bot.request.shutdown()  # what was opened stays open where the token was refused


async def receive_updates(
    bot: Bot, inbox: UpdateInbox, settings: Settings, *, token: str, sockets: Sequence[socket.socket]
) -> None:
    """Receive until cancelled: by webhook where its URL is set, else by polling."""
    url = settings.telegram_webhook_url
    if url is None:
        await patiently(bot.delete_webhook)
        try:
            await poll_updates(bot, inbox, kinds=KINDS)
        except InvalidToken as error:  # it was revoked meanwhile
            raise UserError("telegram_token_refused") from error
        return
    secret = settings.telegram_secret or secret_of(token)
    async with receiving(
        bot,
        inbox,
        path=urlsplit(url).path or "/",
        secret=secret,
        sockets=sockets or open_sockets(settings.telegram_webhook_listen),
    ):
        await patiently(
            lambda: bot.set_webhook(
                url, secret_token=secret, allowed_updates=KINDS, max_connections=WEBHOOK_CONNECTIONS
            )
        )
        await asyncio.Event().wait()


def open_sockets(listen: str) -> list[socket.socket]:
    """Bind "host:port"."""
    host, _, port = listen.rpartition(":")
    return bind_sockets(int(port), address=host.strip("[]") or None)


def secret_of(token: str) -> str:
    """Make a secret that every process with this token agrees on."""
    return hmac.digest(token.encode(), b"webhook", hashlib.sha256).hex()


async def patiently(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask until Telegram answers; UserError when it refuses the token or the request."""
    failures = 0
    while True:
        try:
            await ask()
            return
        except InvalidToken as error:
            raise UserError("telegram_token_refused") from error
        except BadRequest as error:
            raise UserError("telegram_refuses", problem=error.message) from error
        except TelegramError as error:
            pause = pause_s(error, failures)
            log.warning("Telegram is away, trying again in %g s: %s", pause, error)
            failures += 1
            await asyncio.sleep(pause)
