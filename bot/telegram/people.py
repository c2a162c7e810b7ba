"""Who did something, and where, in the handlers' words."""

from __future__ import annotations

from telegram import Message, User

from bot.telegram import PLATFORM
from bot.telegram.address import address_of
from handlers.events import Origin, Sender

NAME_LENGTH = 128  # first and last name have up to 64 characters each


def sender_of(user: User) -> Sender:
    return Sender(PLATFORM, str(user.id), user.full_name[:NAME_LENGTH])


def origin_of(message: Message, key: str, locale: str, *, moderator: bool = False) -> Origin:
    """Say where it happened; `key` must be the same when Telegram delivers the update again."""
    return Origin(
        place=str(message.chat.id),
        reply_to=address_of(message),
        key=key,
        locale=locale,
        moderator=moderator,
        slow_card=is_group(message),
    )


def is_group(message: Message) -> bool:
    return message.chat.id < 0


def key_of(message: Message) -> str:
    """Name a message, or the whole album that it is part of, for the memory of events already handled."""
    if message.media_group_id:
        return f"a{message.chat.id}:{message.media_group_id}"
    return f"m{message.chat.id}:{message.message_id}"
