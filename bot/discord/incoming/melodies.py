"""Hummed melodies come in: an attached sound is kept for its sender's next song, unopened."""

from __future__ import annotations

from bot.discord.incoming.attachments import Attachments
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import MelodyReceived, Sender
from handlers.intake.consent import greeting, has_accepted
from handlers.intake.melody import check_melody, keep_melody
from handlers.intake.pending_selfie import FileAddress
from handlers.preferences.language import language_of
from handlers.responses import Reply, refusal
from handlers.texts import sentence


class Melodies:
    """Takes melodies in. Nothing is downloaded before its sender has accepted what happens with what they send."""

    def __init__(self, *, deps: Deps, downloads: Attachments) -> None:
        self._deps = deps
        self._downloads = downloads

    async def answer(self, sound: FileAddress, *, by: Sender, key: str, locale: str | None) -> Reply:
        """Keep a melody, and say so or why not."""
        language = await language_of(by, locale, deps=self._deps)
        if not await has_accepted(by, deps=self._deps):
            return greeting(language, by)
        try:
            await self.receive_melody(sound, by=by, key=key)
        except Refused as error:
            return refusal(language, error)
        return Reply(sentence(language, "melody_kept"))

    async def receive_melody(self, sound: FileAddress, *, by: Sender, key: str) -> None:
        """Keep a melody; raises Refused. The same key again keeps it no second time."""
        check_melody(sound.size, sound.seconds)
        try:
            data = await self._downloads.read(sound)
        except Refused as error:
            raise Refused("melody_lost") if error.code == "photo_lost" else error from error
        await keep_melody(MelodyReceived(by, data, key), deps=self._deps)
