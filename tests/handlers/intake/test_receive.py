"""From a submission to its answer, on a platform that keeps its files in memory."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from handlers.commands.buttons import press_button
from handlers.events import Sender
from handlers.intake.consent import accept
from handlers.intake.melody import MAX_MELODY_BYTES
from handlers.intake.pending_selfie import get_pending_selfie
from handlers.intake.ports import Attachment, AttachmentLost, AttachmentTooLarge
from handlers.intake.receive import AT_ONCE, Intake
from handlers.intake.submission import Submission
from handlers.texts import sentence
from pipeline.file_kind import MAX_FILE_BYTES
from storage.song_states import SongState
from tests.handlers.world import ANN, BOB, HERE, World, photo, run, said, tokens

HUMMED, OTHER_HUM = b"OggS la la", b"OggS lo lo"


@dataclass
class MemoryFiles:
    """The Attachments port; what is no bytes is raised."""

    files: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    crowded: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, data: bytes | Exception, *, size: int | None = None, seconds: float = 0.0) -> Attachment:
        """Keep a file; a `size` other than its own makes the platform lie about it."""
        address = f"file-{len(self.files)}"
        self.files[address] = data
        known = len(data) if isinstance(data, bytes) else 1
        return Attachment(address, known if size is None else size, seconds)

    async def read(self, attachment: Attachment, *, limit: int) -> bytes:
        self.asked.append(attachment.address)
        if len(self.asked) == AT_ONCE:
            self.crowded.set()
        await self.open.wait()
        data = self.files[attachment.address]
        if isinstance(data, Exception):
            raise data
        if len(data) > limit:
            raise AttachmentTooLarge
        return data


@dataclass
class Place:
    """A chat of the smallest adapter there can be."""

    world: World
    files: MemoryFiles
    intake: Intake

    def selfie(self, *pictures: Attachment, sender: Sender = ANN, key: str = "m1", **more: Any) -> Submission:
        return Submission(sender, HERE.reply_to, key, pictures or [self.files.add(photo())], **more)

    def hum(self, data: bytes | Exception = HUMMED, *, key: str = "m2", **said_of_it: Any) -> Submission:
        return Submission(ANN, HERE.reply_to, key, melody=self.files.add(data, **said_of_it))

    async def song(self, sent: Submission) -> int:
        response = await self.intake.receive(sent)
        assert response.reply is None
        assert response.song_id is not None
        return response.song_id

    async def told(self, sent: Submission) -> str:
        response = await self.intake.receive(sent)
        assert response.song_id is None
        return said(response)

    async def accepted(self, sender: Sender = ANN) -> None:
        await accept(sender, deps=self.world.deps)

    async def options(self, song_id: int) -> dict[str, Any]:
        return dict((await self.world.song(song_id)).options or {})

    async def pictures(self, song_id: int) -> Sequence[str]:
        """The md5 of a song's pictures, in their order."""
        session = (await self.world.song(song_id)).session_id
        files = await self.world.deps.read(lambda unit: unit.assets.of_session(session))
        return [file.md5 for file in files if file.type == "image"]


@pytest.fixture
def place(world: World) -> Place:
    files = MemoryFiles()
    files.open.set()
    return Place(world, files, Intake(files, deps=world.deps))


@pytest.fixture
async def ready(place: Place) -> Place:
    """Ann has accepted what happens with photos."""
    await place.accepted()
    return place


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


async def test_a_selfie_is_one_song_however_often_it_comes(ready: Place) -> None:
    sent = ready.selfie(note="by the sea", mood="sad", in_group=True)
    song_id = await ready.song(sent)
    assert await ready.song(sent) == song_id
    assert ready.world.queue.jobs == [("draft", song_id, 0)]
    song, options = await ready.world.song(song_id), await ready.options(song_id)
    assert (song.status, song.reply_to) == (SongState.RECEIVED, HERE.reply_to)
    assert (options["note"], options["mood"], options["live"]) == ("by the sea", "sad", True)
    card = await ready.world.deps.read(lambda unit: unit.status_cards.of(song_id))
    assert card is not None
    assert card.in_group


async def test_a_note_is_cut(ready: Place) -> None:
    song_id = await ready.song(ready.selfie(note="😀" * 500))
    assert (await ready.options(song_id))["note"] == "😀" * 300


async def test_ten_pictures_are_taken_in_their_order(ready: Place) -> None:
    photos = [photo(f"happy 0.{n}") for n in range(10, 22)]
    song_id = await ready.song(ready.selfie(*map(ready.files.add, photos)))
    assert await ready.pictures(song_id) == [md5(data) for data in photos[:10]]
    assert len(ready.files.asked) == 10


async def test_of_several_pictures_what_cannot_be_used_spoils_nothing(ready: Place) -> None:
    large = ready.files.add(photo(), size=MAX_FILE_BYTES + 1)
    lying = ready.files.add(bytes(MAX_FILE_BYTES + 1), size=5)
    long = ready.files.add(photo(), seconds=61)
    lost = ready.files.add(AttachmentLost())
    song_id = await ready.song(ready.selfie(large, lying, long, lost, ready.files.add(photo("sad 0.8"))))
    assert await ready.pictures(song_id) == [md5(photo("sad 0.8"))]
    assert ready.files.asked == [lying.address, lost.address, "file-4"]


@pytest.mark.parametrize(
    ("data", "said_of_it", "code", "facts"),
    [
        (photo(), {"size": MAX_FILE_BYTES + 1}, "file_too_large", {"megabytes": 20.1, "limit": 20}),
        (bytes(MAX_FILE_BYTES + 1), {"size": 0}, "file_too_large", {"megabytes": 20.1, "limit": 20}),
        (photo(), {"seconds": 60.6}, "video_too_long", {"seconds": 61, "limit_seconds": 60}),
        (AttachmentLost(), {}, "photo_lost", {}),
        (b"", {}, "empty_file", {}),
    ],
)
async def test_a_picture_that_cannot_be_used_is_told_why(
    ready: Place, data: bytes | Exception, said_of_it: dict[str, Any], code: str, facts: dict[str, float]
) -> None:
    picture = ready.files.add(data, **said_of_it)
    assert await ready.told(ready.selfie(picture, locale="zh")) == sentence("zh", code, **facts)
    assert ready.files.asked == ([] if said_of_it and data == photo() else [picture.address])
    assert await ready.world.files() == ()


@pytest.mark.parametrize(
    ("data", "said_of_it", "code", "facts"),
    [
        (HUMMED, {"size": MAX_MELODY_BYTES + 1}, "melody_too_large", {"megabytes": 10.1, "limit": 10}),
        (bytes(MAX_MELODY_BYTES + 1), {"size": 0}, "melody_too_large", {"megabytes": 10.1, "limit": 10}),
        (HUMMED, {"seconds": 121}, "melody_too_long", {"seconds": 121, "limit": 120}),
        (AttachmentLost(), {}, "melody_lost", {}),
        (b"\x7fELF", {}, "not_a_sound", {}),
    ],
)
async def test_a_melody_that_cannot_be_used_is_told_why(
    ready: Place, data: bytes | Exception, said_of_it: dict[str, Any], code: str, facts: dict[str, float]
) -> None:
    assert await ready.told(ready.hum(data, **said_of_it)) == sentence("en", code, **facts)
    assert await ready.world.files() == ()


async def test_a_melody_waits_for_the_next_song_and_one_beside_a_selfie_does_not(ready: Place) -> None:
    hummed = ready.hum()
    for _ in range(2):  # delivered twice
        assert await ready.told(hummed) == sentence("en", "melody_kept")
    beside = ready.files.add(OTHER_HUM)
    songs = [
        await ready.song(ready.selfie(key="m3")),
        await ready.song(ready.selfie(key="m4", melody=beside)),
        await ready.song(ready.selfie(key="m5")),
    ]
    assert [(await ready.options(song))["melody"] for song in songs] == [md5(HUMMED), md5(OTHER_HUM), None]


async def test_a_selfie_with_a_melody_that_is_none_begins_no_song(ready: Place) -> None:
    sent = ready.selfie(melody=ready.files.add(b"no sound"))
    assert await ready.told(sent) == sentence("en", "not_a_sound")
    assert ready.world.queue.jobs == []


async def test_what_holds_no_picture_is_told_so_before_anything_is_asked(place: Place) -> None:
    assert await place.told(Submission(ANN, HERE.reply_to, "m1")) == sentence("en", "no_picture")


async def test_a_language_that_was_chosen_goes_before_the_platforms(ready: Place) -> None:
    await run(ready.world, "language", language="zh")
    lost = ready.files.add(AttachmentLost())
    assert await ready.told(ready.selfie(lost, locale="en")) == sentence("zh", "photo_lost")


async def test_a_bug_is_logged_once_and_told_as_a_sentence(ready: Place, caplog: pytest.LogCaptureFixture) -> None:
    broken = ready.files.add(ZeroDivisionError("a bug"))
    assert await ready.told(ready.selfie(broken)) == sentence("en", "broken")
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert logged.exc_info
    assert logged.exc_info[0] is ZeroDivisionError


async def test_a_fourth_song_is_refused_with_the_time_it_takes(ready: Place) -> None:
    for number in range(3):
        await ready.song(ready.selfie(key=f"song {number}"))
    assert "3 songs in work" in await ready.told(ready.selfie(key="one more"))


async def test_only_so_many_are_in_memory_together(ready: Place) -> None:
    ready.files.open.clear()
    people = [Sender(ANN.platform, f"7{number}", "p") for number in range(AT_ONCE + 3)]
    for person in people:
        await ready.accepted(person)
    sent = [ready.selfie(sender=person, key=person.account_id) for person in people]
    receiving = [asyncio.create_task(ready.intake.receive(each)) for each in sent]
    await ready.files.crowded.wait()
    await asyncio.wait(receiving, timeout=0.3)  # time enough for another one to come
    assert len(ready.files.asked) == AT_ONCE
    ready.files.open.set()
    assert len({(await each).song_id for each in receiving}) == len(people)


async def test_nothing_is_read_before_its_sender_accepts_and_then_once(place: Place) -> None:
    photos = [photo(f"happy 0.{n}") for n in range(10, 13)]
    sent = place.selfie(*map(place.files.add, photos), note="x" * 400, mood="angry", in_group=True)
    for _ in range(2):  # delivered twice
        response = await place.intake.receive(sent)
        assert said(response) == sentence("en", "greeting")
        assert response.reply is not None
        (token,) = tokens(response.reply.buttons)
    assert place.files.asked == []
    assert await place.intake.pending(BOB, locale="en") is None

    await press_button(token, ANN, deps=place.world.deps, origin=HERE)
    waiting = await place.intake.pending(ANN, locale="zh")
    assert waiting is not None
    assert waiting == replace(sent, pictures=tuple(sent.pictures), note="x" * 300, locale="zh")
    song_id = (await place.intake.receive_pending(waiting)).song_id
    assert song_id is not None
    assert await place.pictures(song_id) == [md5(data) for data in photos]
    options = await place.options(song_id)
    assert (options["note"], options["mood"], options["locale"]) == ("x" * 300, "angry", "zh")
    assert await place.intake.pending(ANN, locale="en") is None
    assert await place.song(sent) == song_id  # delivered once more


async def test_of_two_selfies_the_last_one_waits(place: Place) -> None:
    await place.intake.receive(place.selfie(note="first"))
    await place.intake.receive(place.selfie(key="m2", note="second"))
    waiting = await place.intake.pending(ANN, locale="en")
    assert waiting is not None
    assert (waiting.key, waiting.note) == ("m2", "second")


@pytest.mark.parametrize("order", ["selfie first", "melody first", "at once"])
async def test_a_selfie_and_a_melody_that_were_sent_apart_wait_together(place: Place, order: str) -> None:
    both = [place.selfie(), place.hum()]
    if order == "at once":
        told = await asyncio.gather(*map(place.told, both))
    else:
        told = [await place.told(sent) for sent in (both if order == "selfie first" else reversed(both))]
    assert told == [sentence("en", "greeting")] * 2
    await place.accepted()
    waiting = await place.intake.pending(ANN, locale="en")
    assert waiting is not None
    song_id = (await place.intake.receive_pending(waiting)).song_id
    assert song_id is not None
    assert (await place.options(song_id))["melody"] == md5(HUMMED)


async def test_a_melody_that_waits_alone_is_for_the_next_song(place: Place) -> None:
    await place.intake.receive(place.hum(OTHER_HUM))
    await place.intake.receive(place.hum(key="m3"))  # the newest counts
    await place.accepted()
    waiting = await place.intake.pending(ANN, locale="en")
    assert waiting is not None
    assert said(await place.intake.receive_pending(waiting)) == sentence("en", "melody_kept")
    song_id = await place.song(place.selfie(key="m4"))
    assert (await place.options(song_id))["melody"] == md5(HUMMED)


async def test_what_waited_and_is_lost_is_told_and_forgotten(place: Place) -> None:
    await place.intake.receive(place.selfie(place.files.add(AttachmentLost())))
    await place.accepted()
    waiting = await place.intake.pending(ANN, locale="en")
    assert waiting is not None
    assert said(await place.intake.receive_pending(waiting)) == sentence("en", "photo_lost")
    assert await get_pending_selfie(ANN, deps=place.world.deps) is None
