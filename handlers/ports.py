"""What handlers need from the outside: a queue, a chat, a clock. `bot` provides them; tests may too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, Protocol, TypeAlias

from handlers.responses import Rows
from pipeline.values import Mood, Plan

Stage = Literal["draft", "music", "deliver"]


class Queue(Protocol):
    """Transport of song ids to the workers. It may lose or repeat any of them: the database is the truth."""

    async def put(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        """Queue the id for a stage; the same id, stage and attempt already waiting is no second entry.

        An unreachable queue is not an error here: the sweeper queues the song again.
        """

    async def abort(self, stage: Stage, song_id: int, *, attempt: int, platform: str) -> None:
        """Ask the worker to stop this job soon; it also notices by itself that the row has changed."""


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Naive UTC, as the database keeps it."""

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class SongMessage:
    """A finished song as a chat shows it. Paths are relative to the media store."""

    song_id: int
    reply_to: dict[str, str]  # the platform's own address, as it was when the selfie came
    locale: str
    audio_path: PurePosixPath
    waveform_path: PurePosixPath
    title: str
    mood: Mood
    plan: Plan
    engine: str
    duration_s: float
    caption: str  # plain text below 1000 characters: mood, why, engine, notes
    buttons: Rows
    account_id: str | None = None  # whose direct messages to try when the place is gone


@dataclass(frozen=True, slots=True)
class Notice:
    """One message about a song that is not the song: why there is none, or a question."""

    song_id: int
    reply_to: dict[str, str]
    locale: str
    text: str
    buttons: Rows = ()
    account_id: str | None = None


MessageRef: TypeAlias = Mapping[str, str]
"""A sent message as its platform finds it again.

"key" names it for `count_reaction` and `song_of_message` (unique on the platform), "place" the chat or server as in
`Origin`, "url" is a link for people where the platform has them. Everything else is the adapter's own.
"""


class ChatGone(Exception):
    """The place is closed to us: deleted, blocked, no permission. Trying again would end the same way."""


class ChatLater(Exception):
    """Nothing was delivered, and it may work later: 429, 5xx, refused or cut before the bytes had left."""

    def __init__(self, retry_after_s: float = 5.0) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class Undecided(Exception):
    """The bytes left, no answer came, and the platform cannot tell whether the message arrived."""


class Chat(Protocol):
    """A place where listeners are: Discord, Telegram or the terminal.

    Both methods raise ChatGone, ChatLater and Undecided; anything else counts as a failed attempt with an unknown
    end. `nonce` has at most 25 characters and stays the same for the same message. `repeated` says that an
    earlier send may have arrived: look for it, or rely on the nonce, or raise Undecided where neither can be.
    `direct` asks for the person's direct messages (account_id) because the place is gone.
    """

    @property
    def platform(self) -> str: ...

    async def send_song(self, message: SongMessage, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        """Deliver the song; return where it stands."""

    async def send_notice(self, notice: Notice, *, nonce: str, repeated: bool, direct: bool = False) -> MessageRef:
        """Say one thing about a song that is not (yet) there."""
