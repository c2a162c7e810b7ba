"""Selfies come in: a photo, a file, a video, a round video or an album; from here they go one way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Message, User

from bot.telegram.incoming.attachments import Attached, check
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.origins import PLATFORM, address_of, is_group, key_of, read_address, sender_of
from handlers.errors import Refused
from handlers.events import SelfieReceived
from handlers.idempotency import mark_seen
from handlers.intake.consent import greeting, has_accepted
from handlers.intake.selfie import receive_selfie
from handlers.responses import Reply, refusal
from handlers.song_options import SongOptions
from pipeline.errors import PipelineError
from pipeline.values import EmotionLabel

MAX_NOTE = 500  # characters


@dataclass(frozen=True, slots=True)
class Selfie:
    """Pictures that somebody sent, or pointed at with a command."""

    person: User
    asked: Message  # what is answered
    pictures: Sequence[Attached]
    note: str = ""
    mood: EmotionLabel | None = None  # named by the sender: the picture is not read


async def receive(selfie: Selfie, *, context: TelegramContext) -> None:
    """Make the selfie a song and show its card, or say why not. Delivered again it is the same song."""
    locale = await context.language(selfie.person)
    if not await has_accepted(sender_of(selfie.person), deps=context.deps):
        await _say_once(greeting(locale), selfie.asked, context=context)
        return
    try:
        song_id = await _receive(selfie, locale, context=context)
    except (Refused, PipelineError) as error:
        await _say_once(refusal(locale, error), selfie.asked, context=context)
        return
    await context.cards.show_now(song_id)


async def _receive(selfie: Selfie, locale: str, *, context: TelegramContext) -> int:
    data = await _read(selfie.pictures, context=context)
    event = SelfieReceived(
        sender=sender_of(selfie.person),
        data=data[0] if len(data) == 1 else data,
        reply_to=address_of(selfie.asked),
        options=SongOptions(locale=locale, mood=selfie.mood, note=selfie.note[:MAX_NOTE], interactive=True),
        key=key_of(selfie.asked),
        in_group=is_group(selfie.asked),
    )
    return await receive_selfie(event, deps=context.deps)


async def _read(pictures: Sequence[Attached], *, context: TelegramContext) -> tuple[bytes, ...]:
    """Download what can be; of several pictures one that is too large spoils nothing."""
    found, refused = [], Refused("photo_lost")
    for picture in pictures:
        try:
            check(picture)
            found.append(await context.downloads.read(picture))
        except Refused as error:
            refused = error
    if not found:
        raise refused
    return tuple(found)


async def _say_once(reply: Reply, asked: Message, *, context: TelegramContext) -> None:
    """Answer a message that began no song; delivered again it is not answered again."""
    if not await mark_seen(PLATFORM, f"no {key_of(asked)}", deps=context.deps):
        await context.messenger.send(reply, to=read_address(address_of(asked)))
