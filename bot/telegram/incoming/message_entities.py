"""Commands and mentions in a message: whether it is meant for us, and which command it is."""

from __future__ import annotations

from telegram import Message
from telegram.constants import MessageEntityType


def typed_command(message: Message, username: str) -> tuple[str, str] | None:
    """Give command and rest of "/mood@us happy", in a text or below a picture; None if there is none for us."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities
    if not any(each.type == MessageEntityType.BOT_COMMAND and each.offset == 0 for each in entities):
        return None
    command, _, rest = text.partition(" ") if " " in text.split("\n")[0] else text.partition("\n")
    name, _, other = command[1:].partition("@")
    return (name.lower(), rest.strip()) if other.lower() in ("", username.lower()) else None


def mentions(message: Message, username: str) -> bool:
    """Whether our name stands in the message."""
    found = {**message.parse_entities([MessageEntityType.MENTION])} if message.text else {}
    found |= message.parse_caption_entities([MessageEntityType.MENTION]) if message.caption else {}
    return any(name.lower() == f"@{username.lower()}" for name in found.values())


def without_mention(text: str, username: str) -> str:
    """Take our name out of what somebody wrote."""
    return " ".join(word for word in text.split() if word.lower() != f"@{username.lower()}")
