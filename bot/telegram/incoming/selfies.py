"""What brings a selfie on Telegram: a photo, file, video, round video or album, alone or answered with a command."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Message, User

from bot.telegram.incoming.attachments import picture_of
from bot.telegram.origins import address_of, is_group, key_of, sender_of
from handlers.intake.submission import Submission
from handlers.texts import mood_named


def selfie_of(parts: Sequence[Message], person: User, *, asked: Message, words: str = "") -> Submission:
    """Describe the pictures of a message, or of all messages of an album; `asked` is the one that is answered."""
    return Submission(
        sender=sender_of(person),
        reply_to=address_of(asked),
        key=key_of(asked),
        pictures=[found for part in parts if (found := picture_of(part))],
        note=words,
        mood=mood_named(words),
        locale=person.language_code,
        in_group=is_group(asked),
    )


def selfie_above(greeting: Message, person: User) -> Submission | None:
    """Find the selfie in the message that a greeting answers, when a day has passed and nothing waits any more."""
    above = greeting.reply_to_message
    if above is None or above.from_user != person or picture_of(above) is None:
        return None
    return selfie_of([above], person, asked=above, words=above.caption or "")
