"""Interaction tokens, for places that only a person's own install brings us to: there we can answer and nothing else.

A channel where we may not write is such a place, too. Create Message and the history are closed there, and only the
interaction's token is left, for 15 minutes: its first answer may be edited as often as needed. That answer is the card
and becomes the song. A repeated edit gives the same message, so the song comes exactly once; follow-up messages would
not do, since they take no nonce.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, TypeAlias, cast

import discord

from bot.discord.connection import DEFAULT_FILE_LIMIT, Connection
from handlers.button_actions import decode_action
from handlers.commands.registry import command_named
from handlers.deps import Deps
from handlers.ports import ChatGone

Interaction: TypeAlias = discord.Interaction[Any]

TOKEN_S = 15 * 60
MARGIN_S = 15  # what is sent later may arrive after the end
ENDED = 50027  # Invalid Webhook Token
BEGINNING = frozenset({"again", "retry", "accept"})  # buttons that may begin a song


def token_only(interaction: Interaction) -> bool:
    """Whether only this interaction's token reaches the place: we are no member, or may not write there."""
    if interaction.guild_id is not None:
        return not (interaction.is_guild_integration() and _may_write(interaction))
    return bool(interaction.context.private_channel)


def _may_write(interaction: Interaction) -> bool:
    ours, in_thread = interaction.app_permissions, isinstance(interaction.channel, discord.Thread)
    may_send = ours.send_messages_in_threads if in_thread else ours.send_messages
    return may_send and ours.view_channel and ours.attach_files


def shows_card(interaction: Interaction) -> bool:
    """Whether the answer to this interaction has to be for all to see, since a song's card may stand in it."""
    if not token_only(interaction):
        return False
    data: Mapping[str, Any] = cast("Mapping[str, Any]", interaction.data or {})
    if interaction.type is discord.InteractionType.component:
        pressed = decode_action(str(data.get("custom_id", "")))
        return pressed is not None and pressed.action in BEGINNING
    command = command_named(str(data.get("name", "")))
    return data.get("type") == discord.AppCommandType.message.value or (command is not None and not command.private)


def token_address(interaction: Interaction) -> dict[str, str]:
    """Give the token for an address where only that reaches the place; nothing elsewhere."""
    if not shows_card(interaction):
        return {}
    until = int(interaction.created_at.timestamp()) + TOKEN_S
    return {"token": interaction.token, "until": str(until), "limit": str(interaction.filesize_limit)}


def file_limit(address: Mapping[str, str]) -> int:
    """Give how large a file may be in such an answer, in bytes."""
    return int(address.get("limit", DEFAULT_FILE_LIMIT))


class InteractionReplies:
    """Edits answers by their tokens. The card's row decides for all processes whether card or song is shown."""

    def __init__(self, connection: Connection, *, deps: Deps) -> None:
        self._connection = connection
        self._deps = deps

    def lives(self, address: Mapping[str, str]) -> bool:
        now = self._deps.clock.now().replace(tzinfo=UTC).timestamp()
        return now < int(address["until"]) - MARGIN_S

    async def edit(self, address: Mapping[str, str], **parts: Any) -> dict[str, str]:
        """Edit the answer and say where it stands; ChatGone once its token has ended, else the library's errors."""
        if not self.lives(address):
            raise ChatGone
        try:
            edited = await self._webhook(address).edit_message(cast("int", "@original"), **parts)
        except discord.HTTPException as error:
            if error.code == ENDED:
                raise ChatGone from error
            raise
        where = f"{address.get('guild', '@me')}/{address['channel']}/{edited.id}"
        return {**address, "key": str(edited.id), "url": f"https://discord.com/channels/{where}"}

    def _webhook(self, address: Mapping[str, str]) -> discord.Webhook:
        client = self._connection.client
        assert client.application_id is not None
        return discord.Webhook.partial(client.application_id, address["token"], client=client)
