"""What brings a hummed melody on Discord: a sound below the word, or in answer to a song of ours."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.discord.incoming.attachments import sounds_of
from bot.discord.incoming.selfies import selfie_of
from bot.discord.origins import PLATFORM
from handlers.deps import Deps
from handlers.feedback.reactions import song_of_message
from handlers.intake.melody import is_hum
from handlers.intake.submission import Submission


async def is_melody(message: discord.Message, words: str, *, deps: Deps) -> bool:
    """Whether the message brings a sound that is meant for the next song."""
    if not sounds_of(message.attachments):
        return False
    above = message.reference.message_id if message.reference else None
    if is_hum(words):
        return True
    return above is not None and await song_of_message(PLATFORM, str(above), deps=deps) is not None


def melody_of(message: discord.Message) -> Submission:
    """Describe a message with a sound."""
    return replace(selfie_of(message), pictures=(), melody=sounds_of(message.attachments)[0])
