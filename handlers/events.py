"""What happens to us: one frozen value per event, made by the chat platforms and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.wish import Wish
from pipeline.values import Vote


@dataclass(frozen=True, slots=True)
class Sender:
    """A person on a platform."""

    platform: str  # "terminal", "discord", "telegram"
    account_id: str
    username: str


@dataclass(frozen=True, slots=True)
class SelfieReceived:
    """A photo or short video arrived. `data` are its bytes; its file name and type are not believed."""

    sender: Sender
    data: bytes
    reply_to: dict[str, str]  # the platform's own address of the conversation
    wish: Wish = field(default_factory=Wish)


@dataclass(frozen=True, slots=True)
class VoteCast:
    """Somebody judged a song. None leaves what was said before."""

    voter: Sender
    song_id: int
    vote: Vote | None = None
    score: int | None = None  # 0 to 5
    comment: str | None = None
