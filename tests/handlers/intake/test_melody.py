"""A hummed melody goes into the next song, once, and nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile

import pytest

from handlers.account.erase import erase
from handlers.account.export import export
from handlers.deps import Desk
from handlers.errors import Refused
from handlers.events import MelodyReceived, Sender
from handlers.intake.melody import MAX_MELODY_BYTES, keep_melody
from handlers.jobs.lease import claim
from handlers.song_options import wish_from_json
from storage.song_states import ACTIVE
from tests.handlers.conftest import ANN, BOB
from tests.handlers.planned_songs import row, selfie

FIRST, SECOND = b"OggS first", b"ID3 second"


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


async def hum(desk: Desk, data: bytes = FIRST, *, by: Sender = ANN, key: str | None = None) -> None:
    await keep_melody(MelodyReceived(by, data, key), desk=desk)


async def melody_of(desk: Desk, song_id: int) -> str | None:
    return wish_from_json((await row(desk, song_id)).wish).melody


async def kept(desk: Desk) -> list[bytes]:
    return [await desk.media.get(path) for path in await desk.media.list() if path.endswith(".melody")]


async def test_the_next_song_takes_it_once(desk: Desk) -> None:
    await hum(desk)
    others = await selfie(desk, sender=BOB)
    first, second = await selfie(desk), await selfie(desk)
    assert [await melody_of(desk, song) for song in (others, first, second)] == [None, md5(FIRST), None]
    session = (await row(desk, first)).session_id
    kinds = {file.type for file in await desk.read(lambda unit: unit.assets.of_session(session))}
    assert kinds == {"image", "melody"}


async def test_of_two_songs_at_once_one_gets_it(desk: Desk) -> None:
    await hum(desk)
    songs = await asyncio.gather(selfie(desk), selfie(desk))
    assert sorted([await melody_of(desk, song) is not None for song in songs]) == [False, True]


async def test_a_newer_one_takes_its_place(desk: Desk) -> None:
    await hum(desk)
    await hum(desk, SECOND)
    assert await kept(desk) == [SECOND]
    assert await melody_of(desk, await selfie(desk)) == md5(SECOND)
    assert await melody_of(desk, await selfie(desk)) is None


async def test_one_in_a_song_is_not_replaced(desk: Desk) -> None:
    await hum(desk)
    await selfie(desk)
    await hum(desk, SECOND)
    assert sorted(await kept(desk)) == [SECOND, FIRST]


async def test_a_failed_song_gives_it_back(desk: Desk) -> None:
    await hum(desk)
    failed = await selfie(desk)
    lease = await claim(failed, states=tuple(ACTIVE), desk=desk)
    assert lease is not None
    now = desk.clock.now()
    await desk.commit(lambda unit: unit.songs.fail(failed, lease=lease.token, code="no_face", facts={}, now=now))
    assert await melody_of(desk, await selfie(desk)) == md5(FIRST)


async def test_delivered_twice_it_is_kept_once(desk: Desk) -> None:
    await hum(desk, key="7")
    (path,) = [path for path in await desk.media.list() if path.endswith(".melody")]
    await desk.media.remove(path)  # as if we had died before the file was kept
    await hum(desk, key="7")
    assert await kept(desk) == [FIRST]
    await selfie(desk)
    await hum(desk, key="7")
    assert await melody_of(desk, await selfie(desk)) is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"OggS" + bytes(MAX_MELODY_BYTES), "melody_too_large"),
        (b"\x7fELF", "not_a_sound"),
        (b"\xff\xd8\xff a photo", "not_a_sound"),
        (b"#EXTM3U\nfile:///etc/passwd", "not_a_sound"),
    ],
    ids=("empty", "large", "program", "photo", "playlist"),
)
async def test_what_is_no_sound_is_not_kept(desk: Desk, data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await hum(desk, data)
    assert refused.value.code == code
    assert await desk.media.list() == ()


async def test_it_is_exported_and_erased_with_everything_else(desk: Desk) -> None:
    await hum(desk)
    await selfie(desk)
    await hum(desk, SECOND)
    (packed,) = await export(ANN, desk=desk)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = [name for name in archive.namelist() if name.startswith("melodies/")]
        assert sorted(archive.read(name) for name in names) == [SECOND, FIRST]
    await erase(ANN, desk=desk)
    assert await desk.media.list() == ()
