"""From what somebody sent to its answer: the same decisions on every platform.

An adapter makes one `Intake` of its `Attachments`. It maps what brings pictures or a melody to a `Submission`, calls
`receive`, and shows the `Response` as it shows that of a command: the reply to who sent it, once however often the
event comes, or the card of the song that was begun. After the Accept button it asks for `pending`; what waited goes
to `receive_pending`. The command line, which asks nobody for consent, only calls `create_song`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import MelodyReceived, SelfieReceived, Sender
from handlers.intake.consent import greeting, has_accepted
from handlers.intake.download import download_melody, download_pictures
from handlers.intake.melody import keep_melody
from handlers.intake.pending_selfie import (
    PendingSelfie,
    get_pending_selfie,
    keep_pending_selfie,
    remove_pending_selfie,
)
from handlers.intake.ports import Attachment, Attachments
from handlers.intake.selfie import MAX_PICTURES, receive_selfie
from handlers.intake.submission import Submission
from handlers.preferences.language import language_of
from handlers.responses import Reply, Response, refusal
from handlers.song_options import SongOptions, check_song_options
from handlers.songs.create import MAX_NOTE
from handlers.texts import sentence
from pipeline.errors import PipelineError

log = logging.getLogger(__name__)

AT_ONCE = 8  # submissions in memory together: usually some MB, at most 20 MB a picture


class Intake:
    """Takes in what people of one platform send. Nothing is fetched before its sender has accepted what happens."""

    def __init__(self, attachments: Attachments, *, deps: Deps) -> None:
        self._attachments = attachments
        self._deps = deps
        self._free = asyncio.Semaphore(AT_ONCE)
        self._keeping = asyncio.Lock()  # a photo and a melody sent at once must not overwrite each other

    async def receive(self, sent: Submission) -> Response:
        """Begin a song, keep a melody for the next one, ask for consent or say why not; the same key is one song.

        A bug is logged here and told as a sentence.
        """
        async with self._free:  # hundreds at once must not keep a button waiting
            locale = sent.locale or "en"
            try:
                locale = await language_of(sent.sender, sent.locale, deps=self._deps)
                return await self._take_in(sent, locale)
            except (Refused, PipelineError) as error:
                return Response(refusal(locale, error))
            except Exception:
                log.exception("what somebody sent was not taken in")
                return Response(Reply(sentence(locale, "broken")))

    async def pending(self, sender: Sender, *, locale: str | None) -> Submission | None:
        """Give what waited for this person's consent, to be spoken of in the language of their press."""
        kept = await get_pending_selfie(sender, deps=self._deps)
        return None if kept is None else _submission(sender, kept, locale)

    async def receive_pending(self, sent: Submission) -> Response:
        """Receive what waited, and only then forget it: after a crash the next press of Accept finds it."""
        response = await self.receive(sent)
        await remove_pending_selfie(sent.sender, deps=self._deps)
        return response

    async def create_song(self, sent: Submission, options: SongOptions) -> int:
        """Begin a song of the pictures, and of the melody with them; give its id.

        Raises Refused: what downloads raise, `keep_melody` and `receive_selfie`.
        """
        check_song_options(options)  # a melody is kept for a song that can be, or for none
        data = await download_pictures(sent.pictures[:MAX_PICTURES], attachments=self._attachments)
        if sent.melody is not None:
            await self._keep_melody(sent.melody, sent)
        event = SelfieReceived(sent.sender, data, sent.reply_to, options, sent.key, sent.in_group)
        return await receive_selfie(event, deps=self._deps)

    async def _take_in(self, sent: Submission, locale: str) -> Response:
        if not sent.pictures and sent.melody is None:
            raise Refused("no_picture")
        if not await has_accepted(sent.sender, deps=self._deps):
            await self._keep_pending(sent)
            return Response(greeting(locale, sent.sender))
        if sent.pictures:
            options = SongOptions(locale=locale, mood=sent.mood, note=sent.note, interactive=True)
            return Response(song_id=await self.create_song(sent, options))
        assert sent.melody is not None
        await self._keep_melody(sent.melody, sent)
        return Response(Reply(sentence(locale, "melody_kept")))

    async def _keep_melody(self, melody: Attachment, sent: Submission) -> None:
        data = await download_melody(melody, attachments=self._attachments)
        await keep_melody(MelodyReceived(sent.sender, data, sent.key), deps=self._deps)

    async def _keep_pending(self, sent: Submission) -> None:
        """Keep the addresses, not the files; a photo and a melody that were sent apart wait together."""
        selfie = _pending(sent, since=self._deps.clock.now())
        async with self._keeping:
            before = await get_pending_selfie(sent.sender, deps=self._deps)
            await keep_pending_selfie(sent.sender, _joined(selfie, before), deps=self._deps)


def _pending(sent: Submission, *, since: datetime) -> PendingSelfie:
    return PendingSelfie(
        pictures=tuple(sent.pictures[:MAX_PICTURES]),
        reply_to=sent.reply_to,
        key=sent.key,
        note=sent.note[:MAX_NOTE],
        melody=sent.melody,
        since=since,
        mood=sent.mood,
        in_group=sent.in_group,
    )


def _joined(selfie: PendingSelfie, before: PendingSelfie | None) -> PendingSelfie:
    """Of two selfies the last one waits, of two melodies too."""
    if before is None:
        return selfie
    if selfie.pictures:
        return replace(selfie, melody=selfie.melody or before.melody)
    return replace(before, melody=selfie.melody, since=selfie.since) if before.pictures else selfie


def _submission(sender: Sender, kept: PendingSelfie, locale: str | None) -> Submission:
    return Submission(
        sender=sender,
        reply_to=kept.reply_to,
        key=kept.key,
        pictures=kept.pictures,
        melody=kept.melody,
        note=kept.note,
        mood=kept.mood,
        locale=locale,
        in_group=kept.in_group,
    )
