"""What somebody sent to become a song, on no platform in particular. Adapters make it of a message or a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.events import Sender
from handlers.intake.ports import Attachment
from pipeline.values import EmotionLabel


@dataclass(frozen=True, slots=True)
class Submission:
    """Pictures, a hummed melody, or both; nothing of them is fetched yet."""

    sender: Sender
    reply_to: dict[str, str]  # the platform's own address, as SelfieReceived has it
    key: str  # the platform's id of the message: delivered again, it is the same
    pictures: Sequence[Attachment] = ()  # of an album all, in their order
    melody: Attachment | None = None  # for this song; without pictures for the next one
    note: str = ""
    mood: EmotionLabel | None = None  # named by the sender: the pictures are not read
    locale: str | None = None  # as the platform knows it; None: it does not say
    in_group: bool = False  # many people read there
