"""What brings a selfie on Discord: a message, /selfie or a message's menu, the message above a greeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import discord

from bot.discord.api_errors import CONNECTION_ERRORS
from bot.discord.incoming.attachments import described, pictures_of
from bot.discord.origins import address_of_message, is_shared, language_here, origin_of, sender_of
from handlers.intake.submission import Submission

Interaction: TypeAlias = discord.Interaction[Any]


def selfie_of(message: discord.Message, *, note: str = "") -> Submission:
    """Describe a message with pictures."""
    address = address_of_message(message)
    return Submission(
        sender=sender_of(message.author),
        reply_to=address,
        key=str(message.id),
        pictures=pictures_of(message.attachments),
        note=note,
        locale=language_here(message),
        in_group=is_shared(address),
    )


def selfie_of_command(
    interaction: Interaction,
    found: Sequence[discord.Attachment],
    *,
    note: str = "",
    melody: discord.Attachment | None = None,
    reply_to: int | None = None,
) -> Submission:
    """Describe the files of /selfie, or of the message whose menu was opened: that one is answered."""
    origin, pictures = origin_of(interaction), pictures_of(found)
    return Submission(
        sender=sender_of(interaction.user),
        reply_to=origin.reply_to | ({"message": str(reply_to)} if reply_to else {}),
        key=origin.key,
        pictures=pictures,
        melody=described(melody) if melody and pictures else None,
        note=note,
        locale=origin.locale,
        in_group=origin.in_group,
    )


async def selfie_above(interaction: Interaction) -> Submission | None:
    """Find the selfie in the message that a greeting answers, when a day has passed and nothing waits any more."""
    message = interaction.message
    reference = message.reference if message is not None else None
    if message is None or reference is None or reference.message_id is None:
        return None
    try:
        above = await message.channel.fetch_message(reference.message_id)
    except (discord.HTTPException, *CONNECTION_ERRORS):
        return None
    if above.author.id != interaction.user.id or not pictures_of(above.attachments):
        return None
    return replace(selfie_of_command(interaction, above.attachments, reply_to=above.id), key=str(above.id))
