"""The Chat port: finished songs and notices about them, by Create Message wherever we may write.

An interaction's token is used only where nothing else reaches the place: a song may take longer than its 15 minutes.
Any chat process may send, whichever shard received the selfie: everything is sent by REST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import discord

from bot.discord.api_errors import as_chat_errors, is_too_large
from bot.discord.connection import Connection
from bot.discord.interaction_tokens import InteractionReplies, file_limit
from bot.discord.origins import PLATFORM
from bot.discord.outgoing.messenger import find_sent, message_ref, send
from bot.discord.outgoing.song_embed import WAVEFORM_NAME, song_embed, song_name
from bot.discord.outgoing.views import files_of, plain, view_of
from handlers.delivery.upload_size import song_bytes
from handlers.deps import Deps
from handlers.ports import ChatGone, MessageRef, Notice, SongMessage, Undecided
from handlers.responses import File
from handlers.status_cards.due import card_left
from handlers.texts import sentence

T = TypeVar("T")

SMALLEST = 32_000  # bytes; below that no song is left


class DiscordChat:
    """Sends songs. What may have arrived although no answer came is looked for before it is sent again."""

    platform = PLATFORM

    def __init__(self, connection: Connection, *, deps: Deps, replies: InteractionReplies) -> None:
        self._connection = connection
        self._replies = replies
        self._deps = deps
        self._timeout_s = deps.limits.deliver_timeout_s / 2  # our time-out ends first, so that we know what it was
        self._doubtful: set[str] = set()  # nonces of messages that may stand there already

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        with as_chat_errors():
            if "token" in message.reply_to and not direct:
                return await self._send_by_token(message, nonce, doubtful=repeated or nonce in self._doubtful)
            channel = await self._channel(message, direct=direct)
            if repeated or nonce in self._doubtful:
                found = await find_sent(channel, message.buttons, connection=self._connection)
                if found is not None:
                    return self._sent(found, message, nonce)
            self._doubtful.add(nonce)
            async with asyncio.timeout(self._timeout_s):
                sent = await self._send(channel, message, nonce=nonce)
            return self._sent(sent, message, nonce)

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        with as_chat_errors():
            if "token" in notice.reply_to and not direct:
                await card_left(notice.song_id, deps=self._deps)
                view = view_of(notice.buttons) if notice.buttons else None
                async with asyncio.timeout(self._timeout_s):
                    return await self._replies.edit(notice.reply_to, content=plain(notice.text), view=view)
            channel = await self._channel(notice, direct=direct)
            if repeated or nonce in self._doubtful:
                found = await find_sent(channel, notice.buttons, connection=self._connection)
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
            return await self._connection.direct(message.account_id)
        return self._connection.channel(message.reply_to)

    def _sent(self, sent: discord.Message, message: SongMessage | Notice, nonce: str) -> MessageRef:
        self._doubtful.discard(nonce)
        return message_ref(sent, message.reply_to)

    async def _send_by_token(self, song: SongMessage, nonce: str, *, doubtful: bool) -> MessageRef:
        """Make the card the song. What may stand there already is only made the same again, while the token lives."""
        await card_left(song.song_id, deps=self._deps)
        self._doubtful.add(nonce)
        try:
            ref = await self._made_of_card(song)
        except (ChatGone, discord.Forbidden):
            self._doubtful.discard(nonce)
            if not doubtful:
                raise
            return await self._found_directly(song, nonce)
        self._doubtful.discard(nonce)
        return ref

    async def _made_of_card(self, song: SongMessage) -> MessageRef:
        async def edit(files: Sequence[File]) -> MessageRef:
            parts = {"content": None, "embed": song_embed(song), "view": view_of(song.buttons)}
            return await self._replies.edit(song.reply_to, attachments=files_of(files), **parts)

        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._fitting(song, edit, limit=file_limit(song.reply_to))
        except discord.Forbidden:  # no files from outside are allowed there
            elsewhere = sentence(song.locale, "card_sent_direct")
            await self._replies.edit(song.reply_to, content=elsewhere, view=None)
            raise

    async def _found_directly(self, song: SongMessage, nonce: str) -> MessageRef:
        """After the token's end an earlier edit cannot be looked for, only a direct message can."""
        found = await find_sent(
            await self._connection.direct(song.account_id), song.buttons, connection=self._connection
        )
        if found is None:
            raise Undecided
        return self._sent(found, song, nonce)

    async def _send(self, channel: discord.PartialMessageable, song: SongMessage, *, nonce: str) -> discord.Message:
        above = song.reply_to.get("message") if str(channel.id) == song.reply_to.get("channel") else None

        async def post(files: Sequence[File]) -> discord.Message:
            embed, view = song_embed(song), view_of(song.buttons)
            return await send(channel, nonce=nonce, reply_to=above, files=files, embed=embed, view=view)

        return await self._fitting(song, post, limit=self._connection.file_limit(channel))

    async def _fitting(self, song: SongMessage, post: Callable[[Sequence[File]], Awaitable[T]], *, limit: int) -> T:
        """Post the song, encoded smaller as often as Discord calls it too large."""
        waveform = File(WAVEFORM_NAME, await self._deps.media.get(str(song.waveform_path)))
        while True:
            audio = File(song_name(song), await song_bytes(song, max_bytes=limit, deps=self._deps))
            try:
                return await post([audio, waveform])
            except discord.HTTPException as error:
                limit = len(audio.data) * 3 // 5
                if not is_too_large(error) or limit < SMALLEST:
                    raise
