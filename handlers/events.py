"""Events: one frozen value for each, made by the chat platforms and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.song_options import SongOptions
from pipeline.values import EmotionLabel, Vote


@dataclass(frozen=True, slots=True)
class Sender:
    """A person on a platform."""

    platform: str  # "terminal", "discord", "telegram"
    account_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a button was pressed, a command typed or a reaction left, as the adapter knows it."""

    place: str  # names the chat or server: whoever is here may see the songs that were delivered here
    # The platform's address for a song begun by this event; see SelfieReceived. Besides "place", two names in it mean
    # something here: a "token" is a secret and never shown, and after "until" (Unix time) the place is closed to us.
    reply_to: dict[str, str]
    key: str  # the platform's id of this event: delivered again, it is the same
    locale: str = "en"  # the person's language as the platform knows it
    moderator: bool = False  # may cancel songs of others here
    in_group: bool = False
    file_limit: int | None = None  # bytes that a file in an answer may have here


@dataclass(frozen=True, slots=True)
class SelfieReceived:
    """Photos or a short video arrived. `data` are the bytes; file names and types are not believed.

    Of several pictures (at most 10) the first with a face counts.
    """

    sender: Sender
    data: bytes | tuple[bytes, ...]
    reply_to: dict[str, str]  # the platform's own address of the conversation; "place" as in Origin
    options: SongOptions = field(
        default_factory=SongOptions
    )  # options.locale: the platform's guess; /language overrules it
    key: str | None = None  # the platform's id of the message, unique on the platform; None is never repeated
    in_group: bool = False  # many people read there: the status card moves less often


@dataclass(frozen=True, slots=True)
class MoodNamed:
    """Somebody asked for a song by naming a mood; no photo is involved."""

    sender: Sender
    label: EmotionLabel
    reply_to: dict[str, str]
    options: SongOptions = field(default_factory=SongOptions)
    key: str | None = None
    in_group: bool = False


@dataclass(frozen=True, slots=True)
class MelodyReceived:
    """Somebody hummed, or sent a recording, for their next song. `data` are the bytes; types are not believed."""

    sender: Sender
    data: bytes
    key: str | None = None  # as SelfieReceived has it


@dataclass(frozen=True, slots=True)
class VoteCast:
    """Somebody judged a song. None leaves what was said before."""

    voter: Sender
    song_id: int
    vote: Vote | None = None
    score: int | None = None  # 0 to 5
    comment: str | None = None
