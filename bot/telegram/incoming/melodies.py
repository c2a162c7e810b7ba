"""Hummed melodies come in: a voice note or audio file is kept for its sender's next song, unopened."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message, User

from bot.telegram.incoming.attachments import Attached
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.origins import key_of, sender_of
from handlers.errors import Refused
from handlers.events import MelodyReceived
from handlers.intake.consent import greeting, has_accepted
from handlers.intake.melody import check_melody, keep_melody
from handlers.responses import Reply, refusal
from handlers.texts import sentence


async def take_sound(message: Message, person: User, *, context: TelegramContext) -> Reply:
    """Keep the message's sound as a melody; give the answer. Delivered again it is kept once."""
    locale, sender = await context.language(person), sender_of(person)
    if not await has_accepted(sender, deps=context.deps):
        return greeting(locale)
    try:
        await keep_melody(
            MelodyReceived(sender, await _read(message, context=context), key_of(message)), deps=context.deps
        )
    except Refused as error:
        return refusal(locale, error)
    return Reply(sentence(locale, "melody_kept"))


async def _read(message: Message, *, context: TelegramContext) -> bytes:
    sound = message.voice or message.audio
    assert sound is not None
    length = sound.duration
    check_melody(sound.file_size or 0, length.total_seconds() if isinstance(length, timedelta) else float(length))
    try:
        return await context.downloads.read(Attached(sound.file_id, sound.file_size))
    except Refused as error:
        raise Refused("melody_lost") if error.code == "photo_lost" else error from error
