"""Telegram as the Chat port: songs go out as audio for its music player, notices as messages.

Telegram has no idempotency key, so what may have arrived is never sent again by itself: it is Undecided.
"""

from __future__ import annotations

import asyncio
from functools import partial

from telegram import Bot, Message
from telegram.constants import ParseMode

from bot.telegram.origins import PLATFORM, Address, read_address, ref_of
from bot.telegram.outgoing.markup import keyboard, titled
from bot.telegram.outgoing.messenger import Messenger, Placing
from bot.telegram.outgoing.thumbnail import thumbnail
from handlers.delivery.upload_size import song_bytes
from handlers.deps import Deps
from handlers.ports import ChatGone, MessageRef, Notice, SongMessage, Undecided
from handlers.responses import Reply

MAX_UPLOAD = 50_000_000  # bytes
UPLOAD_TIMEOUT_S = 60.0  # the song is a few hundred kB; its answer comes when Telegram has stored it
PERFORMER = "Selfietune"


class TelegramChat:
    """Delivers songs and says what became of them."""

    platform = PLATFORM

    def __init__(
        self, bot: Bot, messenger: Messenger, *, deps: Deps, upload_timeout_s: float = UPLOAD_TIMEOUT_S
    ) -> None:
        self._bot = bot
        self._messenger = messenger
        self._deps = deps
        self._timeout_s = upload_timeout_s

    async def send_song(
        self,
        message: SongMessage,
        *,
        nonce: str,  # noqa: ARG002 - Telegram knows no such thing
        repeated: bool,
        direct: bool = False,
    ) -> MessageRef:
        if repeated:
            raise Undecided("an earlier one may have arrived")
        to = place_of(message.reply_to, message.account_id, direct=direct)
        song = await song_bytes(message, max_bytes=MAX_UPLOAD, deps=self._deps)
        waveform = await self._deps.media.get(str(message.waveform_path))
        picture = await asyncio.to_thread(thumbnail, waveform, message.mood.label)
        return ref_of(await self._messenger.deliver(to, partial(self._upload, message, song, picture), patience_s=0.0))

    async def send_notice(
        self,
        notice: Notice,
        *,
        nonce: str,  # noqa: ARG002
        repeated: bool,
        direct: bool = False,
    ) -> MessageRef:
        if repeated:
            raise Undecided("an earlier one may have arrived")
        to = place_of(notice.reply_to, notice.account_id, direct=direct)
        return ref_of(await self._messenger.send(Reply(notice.text, notice.buttons), to=to, patience_s=0.0))

    async def _upload(
        self, message: SongMessage, song: bytes, picture: bytes, chat_id: int, placing: Placing
    ) -> Message:
        return await self._bot.send_audio(
            chat_id,
            song,
            filename=f"{message.title}.mp3",
            title=message.title,
            performer=PERFORMER,
            duration=round(message.duration_s),
            thumbnail=picture,
            caption=titled(message.title, message.caption),
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(message.buttons),
            read_timeout=self._timeout_s,
            write_timeout=self._timeout_s,
            **placing,
        )


def place_of(reply_to: dict[str, str], account_id: str | None, *, direct: bool) -> Address:
    """Choose the conversation, or the person's own chat, whose id is theirs."""
    if not direct:
        return read_address(reply_to)
    if account_id is None or not account_id.isdecimal():
        raise ChatGone("nobody to write to")
    return Address(int(account_id))
