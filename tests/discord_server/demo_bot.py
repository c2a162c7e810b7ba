"""A small bot on the real library that uses each feature once; only the tests of the server run it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from tests.discord_server import DiscordServer

GENRES = ("lo-fi", "jazz", "latin")


class VoteButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"vote:(?P<song>\d+)"):
    """A button that needs no memory of its message."""

    def __init__(self, song: int, *, votes: int = 0) -> None:
        self.song = song
        super().__init__(discord.ui.Button(label=f"👍 {votes}", custom_id=f"vote:{song}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> VoteButton:
        return cls(int(match["song"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(VoteButton(self.song, votes=1))
        await interaction.response.edit_message(view=view)


class RateModal(discord.ui.Modal, title="Rate"):
    """A modal with one input in the older form and one under a label."""

    stars: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Stars", custom_id="stars", max_length=1)
    comment: discord.ui.Label[Any] = discord.ui.Label(
        text="Comment",
        component=discord.ui.TextInput(custom_id="comment", required=False, max_length=200),
    )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        assert isinstance(self.comment.component, discord.ui.TextInput)
        await interaction.response.send_message(
            f"{self.stars.value} stars: {self.comment.component.value}", ephemeral=True
        )


class MoodSelect(discord.ui.Select[Any]):
    def __init__(self) -> None:
        options = [discord.SelectOption(label=name.title(), value=name) for name in ("happy", "sad")]
        super().__init__(custom_id="mood", placeholder="Mood?", options=options)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"noted: {self.values[0]}")


class DemoBot(commands.AutoShardedBot):
    """Answers commands and keeps what it hears."""

    def __init__(self, *, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=intents or discord.Intents.default(),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self.messages: list[discord.Message] = []
        self.reactions: list[tuple[str, str, int]] = []
        self.deletions: list[int] = []
        self.errors: list[Exception] = []
        self.is_set_up = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once; the library's own hook waits 5 s between shards."""

    async def setup_hook(self) -> None:
        self.add_dynamic_items(VoteButton)
        add_commands(self.tree)
        self.tree.error(self._keep_error)
        await self.tree.sync()

    async def _keep_error(self, _interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        cause = error.__cause__
        self.errors.append(cause if isinstance(cause, Exception) else error)

    async def on_ready(self) -> None:
        self.is_set_up.set()

    async def on_message(self, message: discord.Message, /) -> None:
        if message.author != self.user:
            self.messages.append(message)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.reactions.append(("add", event.emoji.name, event.user_id))

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        self.reactions.append(("remove", event.emoji.name, event.user_id))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.deletions.append(event.message_id)


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Register a slash command with a file, a group with autocomplete, a modal, a menu entry."""

    @tree.command(description="A song from a photo")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def selfie(interaction: discord.Interaction[Any], photo: discord.Attachment, note: str = "") -> None:
        await interaction.response.defer(ephemeral=True)
        data = await photo.read()
        await interaction.followup.send(f"{len(data)} bytes, {interaction.locale}, {note}")

    genres = app_commands.Group(name="genres", description="Your genres")

    @genres.command(name="add", description="Add one")
    async def add(interaction: discord.Interaction[Any], genre: app_commands.Range[str, 1, 40]) -> None:
        await interaction.response.send_message(f"added {genre}")
        await interaction.followup.send("and another word", ephemeral=True)

    @add.autocomplete("genre")
    async def offered(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=genre, value=genre) for genre in GENRES if typed in genre]

    tree.add_command(genres)

    @tree.command(description="Rate a song")
    async def rate(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(RateModal())

    @tree.command(description="Never answers in time")
    async def late(interaction: discord.Interaction[Any]) -> None:
        server: DiscordServer = interaction.client.server
        server.clock.advance(3.5)
        await interaction.response.send_message("too late")

    @tree.context_menu(name="Make a song")
    async def make(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"from {message.attachments[0].filename}: {message.content}")


@contextlib.asynccontextmanager
async def pointed_at(server: DiscordServer) -> AsyncIterator[None]:
    """Point the unmodified library at the server, and back."""
    old = discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        discord.http.Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = old


@contextlib.asynccontextmanager
async def online(server: DiscordServer, bot: DemoBot) -> AsyncIterator[DemoBot]:
    """Run the bot against the server while the block lasts."""
    bot.server = server  # type: ignore[attr-defined]
    async with pointed_at(server), bot:
        running = asyncio.create_task(bot.start(server.token))
        ready = asyncio.create_task(bot.is_set_up.wait())
        await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            ready.cancel()
            await running
        yield bot
        await bot.close()
        await running
