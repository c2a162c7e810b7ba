"""Callback queries: presses of buttons. Each is answered, whatever it was and whatever becomes of it."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace

from telegram import CallbackQuery, Message, Update, User
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.telegram.api_errors import says
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.responses import send_once, send_response
from bot.telegram.incoming.selfies import selfie_above
from bot.telegram.origins import PLATFORM, is_group, origin_of, sender_of
from bot.telegram.outgoing.flood_control import REPLY_PATIENCE_S
from handlers.button_actions import decode_action
from handlers.commands.buttons import press_button
from handlers.idempotency import mark_seen
from handlers.ports import ChatGone, ChatLater, Undecided
from handlers.responses import Reply, Response
from handlers.texts import sentence

log = logging.getLogger(__name__)

LONGEST_TOAST = 200  # characters that Telegram shows above a chat
SHORT = 60  # what can be read before a toast goes; longer ones wait for OK


class CallbackQueries:
    """Handles every press."""

    def __init__(self, context: TelegramContext) -> None:
        self._context = context

    async def handle(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        if query is None:
            return
        toast = ""
        try:
            toast = await self._press(query)
        except (ChatGone, ChatLater, Undecided) as error:
            log.info("the answer to a press was not shown: %r", error)
        except Exception:
            toast = sentence(query.from_user.language_code or "en", "broken")
            raise
        finally:
            await self._answer(query, toast)

    async def _press(self, query: CallbackQuery) -> str:
        """Do once what the button says; give what the person shall read as a toast."""
        message = query.message
        if not isinstance(message, Message):  # Telegram no longer shows messages that are too old
            message = _blank(query)
        if message is None:
            return ""
        known = await mark_seen(PLATFORM, f"q{query.id}", deps=self._context.deps)
        toast = "" if known else await self._do(query, message)
        await self._go_on(query, message)  # of a known press, too: a crash may have come before it
        return toast

    async def _do(self, query: CallbackQuery, message: Message) -> str:
        """Do what the button says and show it."""
        locale = await self._context.language(query.from_user)
        moderator = await self._moderates(query, message)
        origin = origin_of(message, f"q{query.id}", locale, moderator=moderator)
        answer = await press_button(
            query.data or "", sender_of(query.from_user), deps=self._context.deps, origin=origin
        )
        if _stays(query, message):
            answer = replace(answer, edit=False)
        return await self._show(answer, message, query.from_user, locale)

    async def _show(self, answer: Response, message: Message, person: User, locale: str) -> str:
        reply, place = answer.reply, (message.chat.id, message.message_id)
        if answer.buttons is not None:
            with suppress(ChatLater):  # counts come by themselves once the chat is open again
                await self._context.messenger.set_buttons(place, answer.buttons)
        if reply is not None and answer.edit and message.text:
            shown = await self._context.messenger.edit(place, reply.text, reply.buttons, patience_s=REPLY_PATIENCE_S)
            reply = None if shown else reply
        toast = ""
        if reply is not None and _fits_toast(reply):
            toast, reply = reply.text, None
        rest = Response(reply=reply, song_id=answer.song_id, rate=answer.rate)
        await send_response(rest, at=message, person=person, locale=locale, context=self._context)
        return toast

    async def _go_on(self, query: CallbackQuery, message: Message) -> None:
        """After Accept, take in what waited: remembered, or in the message that the greeting answered."""
        pressed, person, intake = decode_action(query.data or ""), query.from_user, self._context.intake
        if pressed is None or pressed.action != "accept":
            return
        kept = await intake.pending(sender_of(person), locale=person.language_code)
        if sent := kept or selfie_above(message, person):
            response = await intake.receive_pending(sent)
            await send_once(response, to=sent.reply_to, key=f"q{query.id}", context=self._context)

    async def _moderates(self, query: CallbackQuery, message: Message) -> bool:
        """Whether an admin of the group wants to cancel; no other button asks."""
        pressed = decode_action(query.data or "")
        if pressed is None or pressed.action != "cancel" or not is_group(message):
            return False
        try:
            member = await self._context.bot.get_chat_member(message.chat.id, query.from_user.id)
        except TelegramError as error:
            log.info("whether somebody is an admin stays unknown: %s", error)
            return False
        return member.status in (member.ADMINISTRATOR, member.OWNER)

    async def _answer(self, query: CallbackQuery, toast: str) -> None:
        """Answer the press; one that waited too long is no error."""
        text = toast if len(toast) <= LONGEST_TOAST else toast[: LONGEST_TOAST - 1] + "…"
        try:
            await query.answer(text or None, show_alert=len(text) > SHORT)
        except TelegramError as error:
            if not says(error, "query is too old"):
                log.warning("a press was not answered: %s", error)


def _stays(query: CallbackQuery, message: Message) -> bool:
    """Whether others need the message as it is: in a group, where it answers another person or stands below a song."""
    above = message.reply_to_message
    return is_group(message) and above is not None and above.from_user != query.from_user


def _fits_toast(reply: Reply) -> bool:
    return reply.private and not reply.buttons and not reply.files and len(reply.text) <= LONGEST_TOAST


def _blank(query: CallbackQuery) -> Message | None:
    """Make a message for one that is too old to be shown: its chat and id are still known."""
    old = query.message
    return None if old is None else Message(old.message_id, old.date, old.chat)
