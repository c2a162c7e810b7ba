"""Status cards and vote counts on Discord, for `bot.card_loop`. Every process sends by REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import discord

from bot.discord.api_errors import as_chat_errors
from bot.discord.connection import Connection
from bot.discord.in_flight import InFlightTasks
from bot.discord.interaction_tokens import InteractionReplies
from bot.discord.outgoing.messenger import message_ref, send
from bot.discord.outgoing.views import plain, view_of
from handlers.deps import Deps
from handlers.ports import MessageRef
from handlers.responses import Rows
from handlers.status_cards.content import Card
from handlers.status_cards.due import DueCard

REQUEST_TIMEOUT_S = 30.0  # the library waits as long as a channel's rate limit lasts
ON_THE_WAY_S = 3.0  # what is broken off may arrive so much later


class StatusCards:
    """Where only an interaction's token reaches the place, its answer is the card, and later becomes the song."""

    def __init__(
        self, connection: Connection, *, deps: Deps, replies: InteractionReplies, in_flight: InFlightTasks
    ) -> None:
        self._in_flight = in_flight
        self._connection = connection
        self._replies = replies
        self._deps = deps

    def may_change(self, _: Mapping[str, str]) -> bool:
        """Whether a client is logged in: between two of them nothing can be sent."""
        return self._connection.is_up

    async def send(self, due: DueCard) -> MessageRef:
        if "token" in due.reply_to:
            return await self._edit_reply(due)
        nonce, above = f"card-{due.song_id}", due.reply_to.get("message")
        async with self._request():
            channel = self._connection.channel(due.reply_to)
            sent = await send(channel, nonce=nonce, reply_to=above, content=plain(due.card.text), view=_view(due.card))
        return message_ref(sent, due.reply_to)

    async def edit(self, due: DueCard, ref: MessageRef) -> MessageRef:
        if "token" in due.reply_to:
            return await self._edit_reply(due)
        async with self._request():
            await self._message(ref).edit(content=plain(due.card.text), view=_view(due.card))
        return ref

    async def delete(self, ref: MessageRef) -> None:
        if "token" in ref:  # the answer is left to the song
            return
        async with self._request():
            await self._message(ref).delete()

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        async with self._request():
            if "token" in ref:  # once it has ended, the counts follow with the next press
                await self._replies.edit(ref, view=view_of(buttons))
            else:
                await self._message(ref).edit(view=view_of(buttons))

    async def _edit_reply(self, due: DueCard) -> MessageRef:
        """Edit the answer while the song waits for that: it may stand there itself when this process's time is up."""
        left_s = (due.until - self._deps.clock.now()).total_seconds() - ON_THE_WAY_S
        async with self._request(left_s):
            return await self._replies.edit(due.reply_to, content=plain(due.card.text), view=_view(due.card))

    @asynccontextmanager
    async def _request(self, timeout_s: float = REQUEST_TIMEOUT_S) -> AsyncIterator[None]:
        """Give a request its time, and let a client that closes wait for it; raises the Chat port's errors."""
        self._in_flight.note()
        with as_chat_errors():
            async with asyncio.timeout(timeout_s):
                yield

    def _message(self, ref: MessageRef) -> discord.PartialMessage:
        return self._connection.channel(ref).get_partial_message(int(ref["key"]))


def _view(card: Card) -> discord.ui.View | None:
    return view_of(card.buttons) if card.buttons else None
