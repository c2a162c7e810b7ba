"""The Chat port: finished songs and notices about them, by Create Message and never by an interaction's token.

A queue can outlast a token (15 minutes). Any chat process may send, whichever shard heard the selfie: REST is the
one way out.
"""

from __future__ import annotations

import asyncio

import discord

from bot.discord.line import Line
from bot.discord.places import PLATFORM
from bot.discord.refusals import as_chat_errors, is_too_large
from bot.discord.sending import find_sent, message_ref, send
from bot.discord.showing import plain, view_of
from bot.discord.song_embed import WAVEFORM_NAME, song_embed, song_name
from handlers.desk import Desk
from handlers.fitting import song_bytes
from handlers.ports import MessageRef, Notice, SongMessage
from handlers.replies import File

SMALLEST = 32_000  # bytes; below that no song is left


class DiscordChat:
    """Sends songs. What may have arrived although no answer came is looked for before it is sent again."""

    platform = PLATFORM

    def __init__(self, line: Line, *, desk: Desk) -> None:
        self._line = line
        self._desk = desk
        self._timeout_s = desk.limits.deliver_timeout_s / 2  # ours ends first, so that we know what it was
        self._doubtful: set[str] = set()  # nonces of messages that may stand there already

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        with as_chat_errors():
            channel = await self._channel(message, direct=direct)
            if repeated or nonce in self._doubtful:
                found = await find_sent(channel, message.buttons, line=self._line)
                if found is not None:
                    return self._sent(found, message, nonce)
            self._doubtful.add(nonce)
            async with asyncio.timeout(self._timeout_s):
                sent = await self._fitting(channel, message, nonce=nonce)
            return self._sent(sent, message, nonce)

    async def tell(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        with as_chat_errors():
            channel = await self._channel(notice, direct=direct)
            if repeated or nonce in self._doubtful:
                found = await find_sent(channel, notice.buttons, line=self._line)
                if found is not None:
                    return self._sent(found, notice, nonce)
            self._doubtful.add(nonce)
            view = view_of(notice.buttons) if notice.buttons else None
            async with asyncio.timeout(self._timeout_s):
                sent = await send(
                    channel, nonce=nonce, reply_to=notice.reply_to.get("message"), content=plain(notice.text), view=view
                )
            return self._sent(sent, notice, nonce)

    async def _channel(self, message: SongMessage | Notice, *, direct: bool) -> discord.PartialMessageable:
        if direct:
            return await self._line.direct(message.account_id)
        return self._line.channel(message.reply_to)

    def _sent(self, sent: discord.Message, message: SongMessage | Notice, nonce: str) -> MessageRef:
        self._doubtful.discard(nonce)
        return message_ref(sent, message.reply_to)

    async def _fitting(self, channel: discord.PartialMessageable, song: SongMessage, *, nonce: str) -> discord.Message:
        """Send the song, encoded smaller as often as Discord calls it too large."""
        limit = self._line.file_limit(channel)
        waveform = File(WAVEFORM_NAME, await self._desk.media.get(str(song.waveform_path)))
        while True:
            audio = File(song_name(song), await song_bytes(song, max_bytes=limit, desk=self._desk))
            try:
                return await send(
                    channel,
                    nonce=nonce,
                    reply_to=song.reply_to.get("message") if str(channel.id) == song.reply_to.get("channel") else None,
                    files=[audio, waveform],
                    embed=song_embed(song),
                    view=view_of(song.buttons),
                )
            except discord.HTTPException as error:
                limit = len(audio.data) * 3 // 5
                if not is_too_large(error) or limit < SMALLEST:
                    raise
