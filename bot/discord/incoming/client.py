"""discord.py's client with our listeners. A new one is made for each new connection."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from bot.discord.api_errors import CONNECTION_ERRORS
from bot.discord.connection import Connection
from bot.discord.in_flight import InFlightTasks
from bot.discord.incoming.command_sync import sync
from bot.discord.incoming.commands import SongTree, fill
from bot.discord.incoming.gateway_events import GatewayEvents
from bot.discord.incoming.interactions import Interaction, Interactions
from bot.discord.outgoing.buttons import PressButton
from bot.discord.rate_limit_fix import open_when_cancelled
from handlers.concurrency import finish_despite_cancel
from handlers.deps import Deps

log = logging.getLogger(__name__)

SYNC_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Shards:
    """Which shards this process serves; None leaves that to Discord: all of them."""

    ids: tuple[int, ...] | None = None
    count: int | None = None

    def options(self) -> dict[str, Any]:
        """Give the client's options."""
        ids: dict[str, Any] = {"shard_ids": list(self.ids)} if self.ids is not None else {}
        return ids if self.count is None else {**ids, "shard_count": self.count}


def intents_for(channels: frozenset[str]) -> discord.Intents:
    """Ask for what is used. Only pictures that nobody addresses to us need a privileged one."""
    wanted = discord.Intents(guilds=True, messages=True, reactions=True)
    wanted.message_content = bool(channels)
    return wanted


class SongBot(commands.AutoShardedBot):
    """Receives the events of its shards; messages of all shards are sent through `connection`."""

    def __init__(
        self,
        *,
        deps: Deps,
        connection: Connection,
        interactions: Interactions,
        hearing: GatewayEvents,
        channels: frozenset[str],
        shards: Shards,
        in_flight: InFlightTasks,
        identify_pause_s: float = 5.0,
        **options: Any,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we join no voice channel
        super().__init__(
            command_prefix=(),  # nothing that is typed into a chat is a command
            help_command=None,
            tree_cls=SongTree,
            intents=intents_for(channels),
            allowed_mentions=discord.AllowedMentions.none(),  # no text that we send mentions anybody
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            **shards.options(),
            **options,
        )
        open_when_cancelled(self.http)
        self._deps = deps
        self._shared_connection = connection
        self._hearing = hearing
        self._in_flight = in_flight
        self._identify_pause_s = identify_pause_s
        self._syncing: asyncio.Task[None] | None = None
        self.interactions = interactions

    async def setup_hook(self) -> None:
        """Prepare everything between login and the first event."""
        self._in_flight.accept_new()
        self._shared_connection.connect(self)
        self.add_dynamic_items(PressButton)
        assert isinstance(self.tree, SongTree)
        await fill(self.tree)
        await self.add_cog(self._hearing)
        self._syncing = asyncio.create_task(self._keep_syncing())

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Wait between two sessions: Discord allows to begin one in 5 s."""
        if not initial:
            await asyncio.sleep(self._identify_pause_s)

    async def close(self) -> None:
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.wait([self._syncing])
        await self._in_flight.finish()
        self._shared_connection.connect(None)
        await super().close()

    async def _keep_syncing(self) -> None:
        """Send the commands, beside everything else: songs need none of them."""
        assert isinstance(self.tree, SongTree)
        assert self.application_id is not None
        while True:
            try:
                await finish_despite_cancel(sync(self.tree, application_id=self.application_id, deps=self._deps))
                return
            except (discord.DiscordException, *CONNECTION_ERRORS) as error:
                log.warning("commands not sent, trying again: %r", error)
            except Exception:
                log.exception("commands not sent, trying again")
            await asyncio.sleep(SYNC_AGAIN_S)

    async def on_message(self, message: discord.Message, /) -> None:
        """Keep the library from looking for typed commands; `GatewayEvents` listens on its own."""

    async def on_interaction(self, interaction: Interaction) -> None:
        """Read submitted forms; buttons and commands are found by the library."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.interactions.form(interaction)

    async def on_command_error_in_tree(self, interaction: Interaction, error: Exception) -> None:
        """Answer a command that is not known any more, or that failed."""
        log.error("a command broke", exc_info=error.__cause__ or error)
        if interaction.type is not discord.InteractionType.autocomplete:
            await self.interactions.broken(interaction)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        log.error("hearing %s broke", event_method, exc_info=True)  # noqa: LOG014  called by the library while it handles one
