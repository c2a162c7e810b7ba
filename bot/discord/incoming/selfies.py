"""Selfies come in: by message, mention, named channel, /selfie or a message's menu; from here they go one way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.card_loop import CardLoop
from bot.discord.in_flight import InFlightTasks
from bot.discord.incoming.attachments import Attachments
from bot.discord.incoming.melodies import Melodies
from bot.discord.origins import is_shared
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import SelfieReceived, Sender
from handlers.intake.consent import greeting, has_accepted
from handlers.intake.pending_selfie import FileAddress, Waiting, keep_waiting, stop_waiting, waiting_selfie
from handlers.intake.selfie import receive_selfie
from handlers.preferences.language import language_of
from handlers.responses import Reply, refusal
from handlers.song_options import SongOptions
from handlers.texts import sentence
from pipeline.errors import PipelineError

log = logging.getLogger(__name__)

AT_ONCE = 8  # selfies in memory together: usually some MB, at most 20 MB a picture
MAX_PICTURES = 10
MAX_NOTE = 500  # characters


@dataclass(frozen=True, slots=True)
class Selfie:
    """Pictures somebody sent, how to find that person again, and how to speak to them."""

    sender: Sender
    pictures: Sequence[FileAddress]
    reply_to: dict[str, str]
    key: str  # Discord's id of the message or interaction
    say: Callable[[Reply], Awaitable[None]]
    locale: str | None = None  # as Discord knows it
    note: str = ""
    melody: FileAddress | None = None


class Selfies:
    """Takes selfies in. Nothing is downloaded before its sender has accepted what happens with photos."""

    def __init__(
        self, *, deps: Deps, downloads: Attachments, melodies: Melodies, cards: CardLoop, in_flight: InFlightTasks
    ) -> None:
        self._in_flight = in_flight
        self._deps = deps
        self._downloads = downloads
        self._melodies = melodies
        self._cards = cards
        self._free = asyncio.Semaphore(AT_ONCE)

    async def receive_selfie(self, selfie: Selfie) -> bool:
        """Make the selfie a song, or say why not; True when a song was begun."""
        self._in_flight.note()
        async with self._free:  # hundreds at once must not keep a button waiting
            return await self._take(selfie)

    async def _take(self, selfie: Selfie) -> bool:
        locale = selfie.locale or "en"
        try:
            locale = await language_of(selfie.sender, selfie.locale, deps=self._deps)
            if not await has_accepted(selfie.sender, deps=self._deps):
                await self._wait(selfie)
                await selfie.say(greeting(locale, selfie.sender))
                return False
            song_id = await self._receive(selfie, locale)
        except (Refused, PipelineError) as error:
            await selfie.say(refusal(locale, error))
            return False
        except Exception:
            log.exception("a selfie was not taken in")
            await selfie.say(Reply(sentence(locale, "broken")))
            return False
        await self._cards.show_now(song_id)
        return True

    async def waited(self, sender: Sender, say: Callable[[Reply], Awaitable[None]], locale: str) -> Selfie | None:
        """Give the selfie that waited for this person's word."""
        kept = await waiting_selfie(sender, deps=self._deps)
        if kept is None:
            return None
        return Selfie(sender, kept.pictures, kept.reply_to, kept.key, say, locale, kept.note, kept.melody)

    async def receive_pending(self, selfie: Selfie) -> None:
        """Take a selfie that waited, and only then forget it: after a crash the next press of Accept finds it."""
        await self.receive_selfie(selfie)
        await stop_waiting(selfie.sender, deps=self._deps)

    async def _wait(self, selfie: Selfie) -> None:
        """Keep the address, not the photo: nothing is read before its sender agrees."""
        pictures, note = tuple(selfie.pictures[:MAX_PICTURES]), selfie.note[:MAX_NOTE]
        kept = Waiting(pictures, selfie.reply_to, selfie.key, note, selfie.melody, self._deps.clock.now())
        await keep_waiting(selfie.sender, kept, deps=self._deps)

    async def _receive(self, selfie: Selfie, locale: str) -> int:
        data = await self._read(selfie.pictures[:MAX_PICTURES])
        if selfie.melody is not None:
            await self._melodies.receive_melody(selfie.melody, by=selfie.sender, key=selfie.key)
        event = SelfieReceived(
            sender=selfie.sender,
            data=data[0] if len(data) == 1 else data,
            reply_to=selfie.reply_to,
            options=SongOptions(locale=locale, note=selfie.note[:MAX_NOTE], interactive=True),
            key=selfie.key,
            in_group=is_shared(selfie.reply_to),
        )
        return await receive_selfie(event, deps=self._deps)

    async def _read(self, pictures: Sequence[FileAddress]) -> tuple[bytes, ...]:
        """Read all that can be read; of several pictures one that is too large spoils nothing."""
        found: list[bytes] = []
        refused: Refused | None = None
        for picture in pictures:
            try:
                found.append(await self._downloads.read(picture))
            except Refused as error:
                refused = error
        if not found:
            raise refused or Refused("photo_lost")
        return tuple(found)
