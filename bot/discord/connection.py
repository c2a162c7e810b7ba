"""The present client, and the channels that messages are sent to through it, whatever shard received the event."""

from __future__ import annotations

from collections.abc import Mapping

import discord
from discord.ext import commands

from handlers.ports import ChatGone, ChatLater

DEFAULT_FILE_LIMIT = 10 * 1024 * 1024  # bytes, without boosts


class Connection:
    """The client that is logged in. Between two clients sending raises ChatLater."""

    def __init__(self) -> None:
        self._client: commands.AutoShardedBot | None = None

    def connect(self, client: commands.AutoShardedBot | None) -> None:
        self._client = client

    @property
    def is_up(self) -> bool:
        """Whether a client is logged in."""
        return self._client is not None and not self._client.is_closed() and self._client.application_id is not None

    @property
    def client(self) -> commands.AutoShardedBot:
        """The client, logged in, or ChatLater."""
        if self._client is None or not self.is_up:
            raise ChatLater(1.0)
        return self._client

    def channel(self, reply_to: Mapping[str, str]) -> discord.PartialMessageable:
        """Give a channel by its address, known to the cache or not."""
        guild = reply_to.get("guild")
        return self.client.get_partial_messageable(int(reply_to["channel"]), guild_id=int(guild) if guild else None)

    async def direct(self, account_id: str | None) -> discord.PartialMessageable:
        """Give the person's direct messages, opened if need be; raises the library's errors."""
        if account_id is None:
            raise ChatGone
        opened = await self.client.create_dm(discord.Object(int(account_id)))
        return self.client.get_partial_messageable(opened.id)

    def file_limit(self, channel: discord.PartialMessageable) -> int:
        """Give how large a file may be there, in bytes."""
        guild = self.client.get_guild(channel.guild_id) if channel.guild_id else None
        return guild.filesize_limit if guild else DEFAULT_FILE_LIMIT

    def is_ours(self, message: discord.Message) -> bool:
        user = self.client.user
        return user is not None and message.author.id == user.id
