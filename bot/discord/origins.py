"""Where something happened, as handlers keep it: the person, the place, and the address for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import discord

from bot.discord.interaction_tokens import token_address
from handlers.events import Origin, Sender

PLATFORM = "discord"

Address: TypeAlias = Mapping[str, str]  # "place", "channel", in servers "guild", and "message" to reply to


def sender_of(user: discord.abc.User) -> Sender:
    return Sender(PLATFORM, str(user.id), user.name)


def address(*, channel_id: int, guild_id: int | None, message_id: int | None = None) -> dict[str, str]:
    """Write down where an answer goes. A server is one place: who is in it may see the songs made there."""
    found = {"place": f"guild:{guild_id}" if guild_id else f"dm:{channel_id}", "channel": str(channel_id)}
    if guild_id:
        found["guild"] = str(guild_id)
    if message_id:
        found["message"] = str(message_id)
    return found


def address_of_message(message: discord.Message) -> dict[str, str]:
    return address(channel_id=message.channel.id, guild_id=guild_id_of(message), message_id=message.id)


def guild_id_of(message: discord.Message) -> int | None:
    """Give the server's id, None for direct messages; a server that the library has not met yet has no `guild`."""
    if message.guild is not None:
        return message.guild.id
    return message.channel.guild_id if isinstance(message.channel, discord.PartialMessageable) else None


def language_here(message: discord.Message) -> str | None:
    """Give the language of a message's server. Only community servers choose one: every other is said to be en-US."""
    guild = message.guild
    return str(guild.preferred_locale) if guild is not None and "COMMUNITY" in guild.features else None


def origin_of(interaction: discord.Interaction[Any]) -> Origin:
    """Say where an interaction came from; songs it begins answer the message it was made on."""
    message = interaction.message
    shown = message.id if message is not None and not message.flags.ephemeral else None
    found = address(channel_id=interaction.channel_id or 0, guild_id=interaction.guild_id, message_id=shown)
    found |= token_address(interaction)
    return Origin(
        place=found["place"],
        reply_to=found,
        key=str(interaction.id),
        locale=str(interaction.locale),
        moderator=interaction.guild_id is not None and interaction.permissions.manage_messages,
        in_group=is_shared(found),
        file_limit=interaction.filesize_limit,
    )


def is_shared(found: Address) -> bool:
    """Whether many people read there."""
    return "guild" in found
