"""Send, edit and delete messages in a chat. Everything that is sent goes through here and `FloodControl`."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypedDict

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import BadRequest

from bot.telegram.api_errors import HARMLESS, VANISHED, says
from bot.telegram.origins import Address
from bot.telegram.outgoing.flood_control import REPLY_PATIENCE_S, FloodControl
from bot.telegram.outgoing.markup import keyboard
from handlers.ports import ChatGone
from handlers.responses import File, Reply, Rows

REMEMBERED = 1000  # messages
# A press changes the buttons, and so would the counts that follow from it: in a group 5 s later, on a busy machine
# more. Later ones may be others'.
AGREE_S = 15.0
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Placing(TypedDict):
    """Where in a chat a message goes."""

    reply_parameters: ReplyParameters | None
    message_thread_id: int | None


class Messenger:
    """Sends texts and files. Texts are plain: nothing in them is ever read as markup."""

    def __init__(self, bot: Bot, flood_control: FloodControl) -> None:
        self._bot = bot
        self._flood_control = flood_control
        self._buttons: OrderedDict[tuple[int, int], tuple[Rows, float]] = OrderedDict()

    async def send(self, reply: Reply, *, to: Address, patience_s: float = REPLY_PATIENCE_S) -> Message:
        """Send a reply with its files; raises as `FloodControl.call` does."""
        sent = await self.deliver(to, partial(self._text, reply.text, keyboard(reply.buttons)), patience_s=patience_s)
        for file in reply.files:
            await self.deliver(to, partial(self._file, file), patience_s=patience_s)
        return sent

    async def send_private(self, reply: Reply, *, person: int, at: Address, hint: str) -> None:
        """Send what only one person shall read: to their own chat, or, where they have none with us, a hint."""
        if at.private:
            await self.send(reply, to=at)
            return
        try:
            await self.send(reply, to=Address(person))
        except ChatGone:
            door = InlineKeyboardMarkup(
                [[InlineKeyboardButton(self._bot.first_name, url=f"{self._bot.link}?start=hi")]]
            )
            await self.deliver(at, partial(self._text, hint, door), patience_s=REPLY_PATIENCE_S)

    async def deliver(
        self,
        to: Address,
        deliver: Callable[[int, Placing], Awaitable[Message]],
        *,
        patience_s: float,
    ) -> Message:
        """Send anything as an answer in its topic; where the message or topic is gone, without them."""

        try:
            placing = _placing(to)
            return await self._flood_control.call(
                to.chat_id, lambda chat_id: deliver(chat_id, placing), patience_s=patience_s
            )
        except BadRequest as error:
            if not says(error, "message thread not found"):
                raise
        bare = _placing(Address(to.chat_id))
        return await self._flood_control.call(to.chat_id, lambda chat_id: deliver(chat_id, bare), patience_s=patience_s)

    async def edit(self, message: tuple[int, int], text: str, rows: Rows, *, patience_s: float = 0.0) -> bool:
        """Change a text message and its buttons (those not given disappear); False: the message is gone."""

        async def change(chat_id: int) -> None:
            await self._bot.edit_message_text(
                text, chat_id, message[1], reply_markup=keyboard(rows), link_preview_options=NO_PREVIEW
            )

        return await self._change(message, change, patience_s)

    async def set_buttons(self, message: tuple[int, int], rows: Rows, *, patience_s: float = 0.0) -> bool:
        """Change the buttons below a message, its content stays; False: the message is gone."""

        async def change(chat_id: int) -> None:
            await self._bot.edit_message_reply_markup(chat_id, message[1], reply_markup=keyboard(rows))

        known, at = self._buttons.get(message, ((), 0.0))
        if known == rows and time.monotonic() - at < AGREE_S:
            return True
        self._remember(message, rows)
        try:
            return await self._change(message, change, patience_s)
        except BaseException:
            self._buttons.pop(message, None)
            raise

    def _remember(self, message: tuple[int, int], rows: Rows) -> None:
        self._buttons[message] = (rows, time.monotonic())
        while len(self._buttons) > REMEMBERED:
            self._buttons.popitem(last=False)

    async def delete(self, message: tuple[int, int]) -> bool:
        async def change(chat_id: int) -> None:
            await self._bot.delete_message(chat_id, message[1])

        return await self._change(message, change, 0.0)

    async def show_uploading(self, at: Address) -> None:
        """Let "sending a voice message" stand under our name for the next 5 s."""

        async def act(chat_id: int) -> None:
            await self._bot.send_chat_action(chat_id, ChatAction.UPLOAD_VOICE, message_thread_id=at.thread_id)

        await self._flood_control.call(at.chat_id, act)

    async def _change(
        self, message: tuple[int, int], change: Callable[[int], Awaitable[None]], patience_s: float
    ) -> bool:
        async def here(chat_id: int) -> bool:
            if chat_id != message[0]:  # a supergroup counts its messages anew: there it would be another one
                return False
            await change(chat_id)
            return True

        try:
            return await self._flood_control.call(message[0], here, patience_s=patience_s)
        except BadRequest as error:
            if says(error, *VANISHED):
                return False
            if not says(error, *HARMLESS):
                raise
        return True

    async def _text(self, text: str, markup: InlineKeyboardMarkup | None, chat_id: int, placing: Placing) -> Message:
        return await self._bot.send_message(
            chat_id, text, reply_markup=markup, link_preview_options=NO_PREVIEW, **placing
        )

    async def _file(self, file: File, chat_id: int, placing: Placing) -> Message:
        return await self._bot.send_document(chat_id, file.data, filename=file.name, **placing)


def _placing(to: Address) -> Placing:
    reply = ReplyParameters(to.message_id, allow_sending_without_reply=True) if to.message_id else None
    return Placing(reply_parameters=reply, message_thread_id=to.thread_id)
