"""Who did something and where, in the handlers' words: sender, origin, the address kept with a song, a sent message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telegram import Message, User

from handlers.events import Origin, Sender
from handlers.ports import MessageRef

PLATFORM = "telegram"


@dataclass(frozen=True, slots=True)
class Address:
    """A chat, the message to answer there, and the topic where the chat is a forum."""

    chat_id: int
    message_id: int | None = None
    thread_id: int | None = None

    @property
    def private(self) -> bool:
        """A chat with one person has that person's id; groups have negative ones."""
        return self.chat_id > 0


def address_of(message: Message) -> dict[str, str]:
    """Give the address as rows keep it; "place" is the chat."""
    chat = str(message.chat.id)
    address = {"place": chat, "chat": chat, "message": str(message.message_id)}
    if message.is_topic_message and message.message_thread_id:
        address["thread"] = str(message.message_thread_id)
    return address


def read_address(kept: Mapping[str, str]) -> Address:
    return Address(int(kept["chat"]), _number(kept.get("message")), _number(kept.get("thread")))


def ref_of(message: Message) -> dict[str, str]:
    """Give a message of ours as handlers keep it. Message ids count up in each chat by itself."""
    chat = str(message.chat.id)
    ref = {"key": message_key(message.chat.id, message.message_id), "place": chat, "chat": chat}
    ref["message"] = str(message.message_id)
    return ref | ({"url": message.link} if message.link else {})


def message_key(chat_id: int, message_id: int) -> str:
    return f"{chat_id}:{message_id}"


def read_ref(ref: MessageRef) -> tuple[int, int]:
    """Give chat id and message id."""
    return int(ref["chat"]), int(ref["message"])


def _number(text: str | None) -> int | None:
    return int(text) if text else None


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
        in_group=is_group(message),
    )


def is_group(message: Message) -> bool:
    return message.chat.id < 0


def key_of(message: Message) -> str:
    """Name a message, or the whole album that it is part of, as its idempotency key."""
    if message.media_group_id:
        return f"a{message.chat.id}:{message.media_group_id}"
    return f"m{message.chat.id}:{message.message_id}"
