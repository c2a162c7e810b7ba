# ruff: noqa: ASYNC240 - a test may touch files while its loop waits
from __future__ import annotations

import asyncio
import os
import stat
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsspec import register_implementation
from fsspec.implementations.memory import MemoryFileSystem

from storage.errors import BadPath, MediaError, MediaMissing, MediaUnavailable
from storage.media import Media, media_path
from tests.s3_server import BUCKET, S3Server

PHOTO = media_path(7, 12, "0" * 32, "jpg")
HOSTILE = [
    "",
    "/etc/passwd",
    "../up.jpg",
    "7/../../up.jpg",
    "7/./x.jpg",
    "7//x.jpg",
    "7/x.jpg/",
    "7\\x.jpg",
    "C:\\x.jpg",
    "7/\0x.jpg",
    "7/x\n.jpg",
    "7/.hidden",
    ".parts/x",
    "~/x.jpg",
    "file:///etc/passwd",
    "7/%2e%2e/x",
    "7/é.jpg",
    "a" * 256,
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media of 2026%"


@pytest.fixture(params=["folder", "bucket"])
def media(request: pytest.FixtureRequest, root: Path, s3: S3Server) -> Media:
    """A store in a folder, or in a bucket."""
    return Media(root.as_uri() if request.param == "folder" else f"s3://{BUCKET}/{uuid.uuid4().hex}")


@pytest.fixture
def folder(root: Path) -> Media:
    return Media(f"file://{root}")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_path_names_owner_session_and_content() -> None:
    assert media_path(7, 12, "ab" * 16, "mp3") == "7/12/abababababababababababababababab.mp3"
    for md5, ext in (("AB" * 16, "mp3"), ("ab", "mp3"), ("ab" * 16, "../x"), ("ab" * 16, "")):
        with pytest.raises(BadPath):
            media_path(7, 12, md5, ext)


async def test_a_file_is_kept_replaced_listed_and_removed(media: Media) -> None:
    assert await media.list() == ()
    await media.put(PHOTO, b"one")
    await media.put(PHOTO, b"three")
    await media.put("7/13/song.mp3", b"")
    assert await media.get(PHOTO) == b"three"
    assert await media.size(PHOTO) == 5
    assert await media.exists(PHOTO)
    assert await media.list() == (PHOTO, "7/13/song.mp3")
    assert await media.list("7/13") == ("7/13/song.mp3",)
    assert await media.list("8") == ()
    await media.remove(PHOTO)
    await media.remove(PHOTO)
    assert not await media.exists(PHOTO)
    for ask in (media.get, media.size):
        with pytest.raises(MediaMissing):
            await ask(PHOTO)


@pytest.mark.parametrize("path", HOSTILE)
async def test_odd_paths_are_refused(media: Media, path: str) -> None:
    for ask in (media.get, media.size, media.exists, media.remove):
        with pytest.raises(BadPath):
            await ask(path)
    with pytest.raises(ValueError):
        await media.put(path, b"x")


async def test_links_that_lead_out_are_refused(folder: Media, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"secret")
    await folder.put(PHOTO, b"x")
    (root / "7" / "link").symlink_to(outside)
    (root / "7" / "link.txt").symlink_to(outside / "secret.txt")
    for path in ("7/link/secret.txt", "7/link.txt"):
        with pytest.raises(BadPath):
            await folder.get(path)
        with pytest.raises(BadPath):
            await folder.put(path, b"x")
        with pytest.raises(BadPath):
            await folder.remove(path)
    assert await folder.list() == (PHOTO,)
    assert (outside / "secret.txt").read_bytes() == b"secret"


async def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "alias").symlink_to(root)
    media = Media(f"file://{tmp_path / 'alias'}")
    await media.put(PHOTO, b"x")
    assert (root / PHOTO).read_bytes() == await media.get(PHOTO) == b"x"


async def test_photos_are_their_owners_alone(folder: Media, root: Path) -> None:
    before = os.umask(0)
    try:
        await folder.put(PHOTO, b"face", private=True)
        await folder.put("7/12/song.mp3", b"song")
    finally:
        os.umask(before)
    assert mode(root / PHOTO) == 0o600
    assert mode(root / "7/12/song.mp3") == 0o644
    assert {mode(path) for path in (root, *root.rglob("*")) if path.is_dir()} == {0o700}


async def test_photos_in_a_bucket_are_its_owners_alone(s3: S3Server) -> None:
    await Media(f"s3://{BUCKET}/faces").put(PHOTO, b"face", private=True)
    assert s3.keys("faces/") == [PHOTO]
    acl = s3.client.get_object_acl(Bucket=BUCKET, Key=f"faces/{PHOTO}")
    assert [(grant["Grantee"]["ID"], grant["Permission"]) for grant in acl["Grants"]] == [
        (acl["Owner"]["ID"], "FULL_CONTROL")
    ]


async def test_a_store_that_nothing_here_can_speak_to_is_unavailable() -> None:
    with pytest.raises(MediaUnavailable, match="gopher"):
        Media("gopher://songs")


async def test_a_bucket_that_is_not_there_is_no_store(s3: S3Server) -> None:
    with pytest.raises(MediaError):
        await Media("s3://nowhere/songs").put(PHOTO, b"x")


async def test_a_reader_sees_all_of_a_file_or_none(folder: Media) -> None:
    versions = [bytes([n]) * 300_000 for n in range(6)]
    await folder.put(PHOTO, versions[0])
    writes = asyncio.gather(*(folder.put(PHOTO, version) for version in versions))
    while not writes.done():
        assert await folder.get(PHOTO) in versions
    await writes


async def test_a_failed_write_leaves_the_old_file_and_no_rest(folder: Media, root: Path) -> None:
    (root / PHOTO).mkdir(parents=True)  # a folder is in the way of the rename
    with pytest.raises(MediaUnavailable):
        await folder.put(PHOTO, b"x", private=True)
    assert [path for path in root.rglob("*") if path.is_file()] == []


async def test_what_a_killed_process_left_is_swept(folder: Media, root: Path) -> None:
    await folder.put(PHOTO, b"x")
    old, young = root / ".parts" / "old", root / ".parts" / "young"
    now = datetime.now(UTC).replace(tzinfo=None)
    for part, age in ((old, timedelta(hours=1)), (young, timedelta(0))):
        part.write_bytes(b"half a face")
        os.utime(part, times=((datetime.now(UTC) - age).timestamp(),) * 2)
    assert await folder.sweep_unfinished(before=now - timedelta(minutes=10)) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert await folder.list() == (PHOTO,)


async def test_a_store_that_refuses_is_unavailable(root: Path) -> None:
    root.write_bytes(b"a file where the folder should be")
    media = Media(f"file://{root}")
    with pytest.raises(MediaUnavailable):
        await media.put(PHOTO, b"x")


class SlowFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """A far end that takes its time."""

    protocol = "slow"
    answer = threading.Event()

    def cat_file(self, *_: object, **__: object) -> bytes:
        self.answer.wait(5)
        return b""


async def test_a_late_store_is_unavailable() -> None:
    register_implementation("slow", SlowFileSystem, clobber=True)
    media = Media("slow://bucket", timeout_s=0.05)
    try:
        with pytest.raises(MediaUnavailable):
            await media.get(PHOTO)
    finally:
        SlowFileSystem.answer.set()
