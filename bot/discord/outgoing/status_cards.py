"""Status cards and vote counts: loops that show what handlers say is due. One way out, REST, for every process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from bot.discord.api_errors import as_chat_errors
from bot.discord.connection import Connection
from bot.discord.in_flight import InFlightTasks
from bot.discord.interaction_tokens import InteractionReplies
from bot.discord.origins import PLATFORM
from bot.discord.outgoing.messenger import message_ref, send
from bot.discord.outgoing.views import plain, view_of
from handlers.concurrency import finish_despite_cancel
from handlers.deps import Deps
from handlers.feedback.vote_counts import DueCounts, counts_shown, due_counts
from handlers.ports import ChatGone, ChatLater
from handlers.status_cards.due import DueCard, card_gone, card_shown, due_card, due_cards

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
PAUSE_RATIO = 4  # of the time a look took: hundreds of cards must not keep buttons waiting
SHOW_TIMEOUT_S = 30.0
ON_THE_WAY_S = 3.0  # what is broken off may arrive so much later


class StatusCards:
    """Shows cards and counts. A slow channel holds up nobody else's: each song's message is a task of its own."""

    def __init__(
        self, connection: Connection, *, deps: Deps, replies: InteractionReplies, in_flight: InFlightTasks
    ) -> None:
        self._in_flight = in_flight
        self._connection = connection
        self._replies = replies
        self._deps = deps
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}

    async def keep_showing(self) -> None:
        """Look for due cards and counts for ever."""
        now = asyncio.get_running_loop().time
        while True:
            began = now()
            await finish_despite_cancel(self._look())
            await asyncio.sleep(max(LOOK_EVERY_S, PAUSE_RATIO * (now() - began)))

    async def show_now(self, song_id: int) -> None:
        """Show a song's card if it is due, such as right after its beginning."""
        due = await due_card(song_id, deps=self._deps)
        if due is not None:
            self._begin(("card", song_id), partial(self._show, due))

    async def _look(self) -> None:
        try:
            _ = self._connection.client
            for due in await due_cards(PLATFORM, deps=self._deps):
                self._begin(("card", due.song_id), partial(self._show, due))
            for counts in await due_counts(PLATFORM, deps=self._deps):
                self._begin(("counts", counts.song_id), partial(self._count, counts))
        except ChatLater:
            return
        except Exception:  # a database that is away, or a bug: neither may end the loop
            log.exception("no cards this time")

    def _begin(self, key: tuple[str, int], work: Callable[[], Awaitable[None]]) -> None:
        if key in self._tasks:  # still on its way; what is due comes again
            return
        task = asyncio.create_task(self._carefully(key, work))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _carefully(self, key: tuple[str, int], work: Callable[[], Awaitable[None]]) -> None:
        kind, song_id = key
        self._in_flight.note()
        try:
            async with asyncio.timeout(SHOW_TIMEOUT_S):
                await work()
        except (ChatLater, TimeoutError) as error:
            log.info("song %d: %s comes later: %r", song_id, kind, error)
        except Exception:
            log.exception("song %d: %s not shown", song_id, kind)

    async def _show(self, due: DueCard) -> None:
        try:
            if "token" in due.reply_to:
                await self._show_by_token(due)
                return
            with as_chat_errors():
                ref = await self._shown(due)
        except ChatGone:
            await card_gone(due.song_id, deps=self._deps)
        else:
            await card_shown(due.song_id, ref, deps=self._deps)

    async def _show_by_token(self, due: DueCard) -> None:
        """Show the card in an interaction's answer while the song waits for that: later it may stand there itself."""
        text, view = plain(due.card.text), view_of(due.card.buttons) if due.card.buttons else None
        left_s = (due.until - self._deps.clock.now()).total_seconds() - ON_THE_WAY_S
        with as_chat_errors():
            async with asyncio.timeout(left_s):
                edit = self._replies.edit
                ref = await edit(due.reply_to, content=text, view=view) if text else due.card_ref
        await card_shown(due.song_id, ref, deps=self._deps)

    async def _shown(self, due: DueCard) -> dict[str, str] | None:
        text, view = plain(due.card.text), view_of(due.card.buttons) if due.card.buttons else None
        if due.card_ref is None:
            channel = self._connection.channel(due.reply_to)
            nonce, above = f"card-{due.song_id}", due.reply_to.get("message")
            sent = await send(channel, nonce=nonce, reply_to=above, content=text, view=view)
            return message_ref(sent, due.reply_to)
        message = self._connection.channel(due.card_ref).get_partial_message(int(due.card_ref["key"]))
        if not due.card.text:
            await message.delete()
            return None
        await message.edit(content=text, view=view)
        return dict(due.card_ref)

    async def _count(self, due: DueCounts) -> None:
        ref, view = due.message_ref, view_of(due.buttons)
        try:
            with as_chat_errors():
                if "token" in ref:  # once it has ended, the counts follow with the next press
                    await self._replies.edit(ref, view=view)
                else:
                    await self._connection.channel(ref).get_partial_message(int(ref["key"])).edit(view=view)
        except ChatGone:
            log.info("song %d: its message is gone", due.song_id)
        await counts_shown(due, deps=self._deps)
