"""Send one message at most once: by a nonce that stays the same, and a search of the channel after a doubtful end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.discord.api_errors import NO_HISTORY
from bot.discord.connection import Connection
from bot.discord.outgoing.views import files_of
from handlers.responses import File, Rows

# How far back a message is looked for whose sending nobody saw the end of. Discord itself knows a nonce for
# some minutes; a process that comes back later than that finds its song here.
LOOK_BACK = 100


async def send(
    channel: discord.PartialMessageable,
    *,
    nonce: str,
    reply_to: str | None = None,
    content: str | None = None,
    embed: discord.Embed | None = None,
    files: Sequence[File] = (),
    view: discord.ui.View | None = None,
) -> discord.Message:
    """Send with an enforced nonce, as a reply where that is allowed and the message still there."""
    assert len(nonce) <= 25  # Discord's limit
    parts: dict[str, Any] = {"content": content, "embed": embed, "view": view, "nonce": nonce}
    parts = {name: value for name, value in parts.items() if value is not None}
    reference = _reference(channel, reply_to)
    if reference is not None:
        try:
            return await channel.send(reference=reference, files=files_of(files), **parts)
        except discord.HTTPException as error:
            if error.code != NO_HISTORY:
                raise
    return await channel.send(files=files_of(files), **parts)


def _reference(channel: discord.PartialMessageable, message_id: str | None) -> discord.MessageReference | None:
    if message_id is None:
        return None
    return discord.MessageReference(
        message_id=int(message_id), channel_id=channel.id, guild_id=channel.guild_id, fail_if_not_exists=False
    )


def message_ref(message: discord.Message, reply_to: Mapping[str, str]) -> dict[str, str]:
    """Note where a message stands; a direct message that replaced a closed channel is a place of its own."""
    channel = str(message.channel.id)
    place = reply_to["place"] if channel == reply_to.get("channel") else f"dm:{channel}"
    guild = {"guild": reply_to["guild"]} if "guild" in reply_to and channel == reply_to.get("channel") else {}
    return {"key": str(message.id), "place": place, "url": message.jump_url, "channel": channel, **guild}


async def find_sent(
    channel: discord.PartialMessageable, rows: Rows, *, connection: Connection
) -> discord.Message | None:
    """Look for a message of ours that carries these buttons; None where the history is closed to us."""
    tokens = {button.token for row in rows for button in row}
    if not tokens:
        return None
    try:
        async for message in channel.history(limit=LOOK_BACK):
            if connection.is_ours(message) and tokens & _tokens(message):
                return message
    except discord.Forbidden:
        return None
    return None


def _tokens(message: discord.Message) -> set[str]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    parts = [part for row in rows for part in row.children]
    return {part.custom_id for part in parts if isinstance(part, discord.Button) and part.custom_id}
