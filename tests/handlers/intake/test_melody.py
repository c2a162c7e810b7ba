"""A hummed melody goes into the next song, once, and nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile

import pytest

from handlers.account.erase import erase
from handlers.account.export import export
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import MelodyReceived, Sender
from handlers.intake.melody import MAX_MELODY_BYTES, keep_melody
from handlers.jobs.lease import claim
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from storage.song_states import ACTIVE
from tests.handlers.conftest import ANN, BOB
from tests.handlers.planned_songs import row, selfie

FIRST, SECOND = b"OggS first", b"ID3 second"


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


async def hum(deps: Deps, data: bytes = FIRST, *, by: Sender = ANN, key: str | None = None) -> None:
    await keep_melody(MelodyReceived(by, data, key), deps=deps)


async def melody_of(deps: Deps, song_id: int) -> str | None:
    return from_json(SongOptions, (await row(deps, song_id)).options).melody


async def kept(deps: Deps) -> list[bytes]:
    return [await deps.media.get(path) for path in await deps.media.list() if path.endswith(".melody")]


async def test_the_next_song_takes_it_once(deps: Deps) -> None:
    await hum(deps)
    others = await selfie(deps, sender=BOB)
    first, second = await selfie(deps), await selfie(deps)
    assert [await melody_of(deps, song) for song in (others, first, second)] == [None, md5(FIRST), None]
    session = (await row(deps, first)).session_id
    kinds = {file.type for file in await deps.read(lambda unit: unit.assets.of_session(session))}
    assert kinds == {"image", "melody"}


async def test_of_two_songs_at_once_one_gets_it(deps: Deps) -> None:
    await hum(deps)
    songs = await asyncio.gather(selfie(deps), selfie(deps))
    assert sorted([await melody_of(deps, song) is not None for song in songs]) == [False, True]


async def test_a_newer_one_takes_its_place(deps: Deps) -> None:
    await hum(deps)
    await hum(deps, SECOND)
    assert await kept(deps) == [SECOND]
    assert await melody_of(deps, await selfie(deps)) == md5(SECOND)
    assert await melody_of(deps, await selfie(deps)) is None


async def test_one_in_a_song_is_not_replaced(deps: Deps) -> None:
    await hum(deps)
    await selfie(deps)
    await hum(deps, SECOND)
    assert sorted(await kept(deps)) == [SECOND, FIRST]


async def test_a_failed_song_gives_it_back(deps: Deps) -> None:
    await hum(deps)
    failed = await selfie(deps)
    lease = await claim(failed, states=tuple(ACTIVE), deps=deps)
    assert lease is not None
    now = deps.clock.now()
    await deps.commit(lambda unit: unit.songs.fail(failed, lease=lease.token, code="no_face", facts={}, now=now))
    assert await melody_of(deps, await selfie(deps)) == md5(FIRST)


async def test_delivered_twice_it_is_kept_once(deps: Deps) -> None:
    await hum(deps, key="7")
    (path,) = [path for path in await deps.media.list() if path.endswith(".melody")]
    await deps.media.remove(path)  # as if we had died before the file was kept
    await hum(deps, key="7")
    assert await kept(deps) == [FIRST]
    await selfie(deps)
    await hum(deps, key="7")
    assert await melody_of(deps, await selfie(deps)) is None


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
async def test_what_is_no_sound_is_not_kept(deps: Deps, data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await hum(deps, data)
    assert refused.value.code == code
    assert await deps.media.list() == ()


async def test_it_is_exported_and_erased_with_everything_else(deps: Deps) -> None:
    await hum(deps)
    await selfie(deps)
    await hum(deps, SECOND)
    (packed,) = await export(ANN, deps=deps)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = [name for name in archive.namelist() if name.startswith("melodies/")]
        assert sorted(archive.read(name) for name in names) == [SECOND, FIRST]
    await erase(ANN, deps=deps)
    assert await deps.media.list() == ()
