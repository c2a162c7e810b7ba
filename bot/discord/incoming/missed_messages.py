"""Messages that came while no session was open: Discord does not deliver them afterwards.

So the last message of each channel is stored, and what came after it is read when a new session begins. A selfie
that was received already is known by its idempotency key.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from typing import TypeAlias

import discord

from bot.discord.api_errors import CONNECTION_ERRORS
from bot.discord.connection import Connection
from bot.discord.origins import guild_id_of
from handlers.concurrency import finish_despite_cancel
from handlers.deps import Deps
from handlers.key_values import get_value, set_value

log = logging.getLogger(__name__)

CHANNELS = 200  # the last ones somebody spoke to us in; more would cost too many requests at a start
MESSAGES = 100  # per channel
SAVE_EVERY_S = 2.0
LOOK_BACK = 60_000 << 22  # a minute, in the ids' milliseconds: what was heard just before a crash may not be done


Place: TypeAlias = tuple[int, int | None]  # a message and its server


class LastSeenMessages:
    """The newest message of each channel, in memory and in the database. `name` tells processes apart."""

    def __init__(self, name: str, *, deps: Deps) -> None:
        self._name = name
        self._deps = deps
        self._newest: OrderedDict[int, Place] = OrderedDict()  # by channel
        self._earlier: dict[int, Place] | None = None
        self._loading = asyncio.Lock()
        self._changed = False

    def note(self, message: discord.Message) -> None:
        """Note that this message was received."""
        channel, guild = message.channel.id, guild_id_of(message)
        before, _ = self._newest.get(channel, (0, None))
        self._newest[channel] = max(before, message.id), guild
        self._newest.move_to_end(channel)
        while len(self._newest) > CHANNELS:
            self._newest.popitem(last=False)
        self._changed = True

    def before(self) -> dict[int, Place]:
        """Give the newest messages until now: those of the new session come by themselves."""
        return dict(self._newest)

    async def load(self) -> Mapping[int, Place]:
        """Load what an earlier process stored, at the first call."""
        async with self._loading:
            if self._earlier is None:
                kept = json.loads(await get_value(self._name, deps=self._deps) or "{}")
                self._earlier = {int(channel): (message, guild) for channel, (message, guild) in kept.items()}
                for channel, place in self._earlier.items():
                    self._newest.setdefault(channel, place)
            return self._earlier

    async def keep_saving(self) -> None:
        """Store every 2 s what has changed."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            try:
                await finish_despite_cancel(self.save())
            except Exception:
                log.exception("what was heard is not written down")

    async def save(self) -> None:
        if self._changed:
            self._changed = False
            await set_value(self._name, json.dumps(self._newest), deps=self._deps)

    async def missed(
        self, connection: Connection, shard_id: int, before: Mapping[int, Place]
    ) -> AsyncIterator[discord.Message]:
        """Give what came after the newest message of each of the shard's channels and has no answer of ours."""
        count = connection.client.shard_count or 1
        for channel_id, (newest, guild_id) in before.items():
            if ((guild_id or 0) >> 22) % count != shard_id:
                continue
            channel = connection.client.get_partial_messageable(channel_id, guild_id=guild_id)
            after = discord.Object(max(0, newest - LOOK_BACK))
            try:
                found = [each async for each in channel.history(limit=MESSAGES, after=after, oldest_first=True)]
            except (discord.HTTPException, *CONNECTION_ERRORS) as error:
                log.info("a channel could not be read after: %r", error)
                continue
            answered = {each.reference.message_id for each in found if each.reference and connection.is_ours(each)}
            for message in found:
                if message.id not in answered:
                    yield message
