"""What brings a hummed melody on Telegram: a sound below the word, or in answer to a song of ours."""

from __future__ import annotations

from dataclasses import replace

from telegram import Message, User

from bot.telegram.incoming.attachments import sound_of
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.selfies import selfie_of
from bot.telegram.origins import PLATFORM, message_key
from handlers.feedback.reactions import song_of_message
from handlers.intake.melody import is_hum
from handlers.intake.submission import Submission


async def is_melody(message: Message, *, context: TelegramContext) -> bool:
    """Whether the message brings a sound that is meant for the next song."""
    if sound_of(message) is None:
        return False
    return is_hum(message.caption or "") or await song_answered(message, context=context) is not None


def melody_of(message: Message, person: User) -> Submission:
    """Describe a message with a sound."""
    return replace(selfie_of([], person, asked=message), melody=sound_of(message))


async def song_answered(message: Message, *, context: TelegramContext) -> int | None:
    """Give the song that a message replies to."""
    above = message.reply_to_message
    if above is None or above.from_user is None or above.from_user.id != context.bot.id:
        return None
    return await song_of_message(PLATFORM, message_key(above.chat.id, above.message_id), deps=context.deps)
