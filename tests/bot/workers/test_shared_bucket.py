"""Music workers on two machines: one Redis, one database and one bucket are all that they share."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.song_states import SongState
from tests.bot.cli.command_line import Cli
from tests.bot.processes import OwnProcess
from tests.bot.system import Shift, System, running_system
from tests.bot.waiting import until
from tests.s3_server import BUCKET, S3Server

PREFIX = "shared/"
MEDIA_URL = f"s3://{BUCKET}/{PREFIX}".rstrip("/")


@pytest.fixture(scope="module")
def system(
    migrated: str, weights_home: Path, portrait: Path, s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The draft worker and one music worker; how to reach the bucket stands in their .env alone."""
    folder = tmp_path_factory.mktemp("near")
    _write_env(folder, s3)
    with running_system(folder, migrated, weights_home, portrait, MEDIA_URL=MEDIA_URL, SONGS_IN_WORK="9") as system:
        yield system


@pytest.fixture
async def shift(system: System) -> AsyncIterator[Shift]:
    async with system.opened() as shift:
        yield shift


@pytest.fixture(scope="module")
def far(system: System, s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnProcess]:
    """A music worker in another folder, as on another machine."""
    folder = tmp_path_factory.mktemp("far")
    _write_env(folder, s3)
    settings = {**system.settings, "DATA_DIR": str(folder)}
    worker = OwnProcess(("bot", "--verbose", "worker", "music"), settings, folder, folder / "far.log")
    worker.start()

    async def serving() -> bool:
        assert worker.alive, worker.said()
        return "Starting worker" in worker.said()

    try:
        asyncio.run(until(serving, "the far worker"))
        yield worker
    finally:
        if worker.alive:
            worker.thaw()
            worker.kill()


def _write_env(folder: Path, s3: S3Server) -> None:
    lines = (f"{name}={value}" for name, value in s3.environment.items())
    (folder / ".env").write_text("\n".join(lines))


def _rendered(worker: OwnProcess) -> set[int]:
    """The songs whose music jobs a worker began, by its own log."""
    return {int(song_id) for song_id in re.findall(r"→ music:(\d+):", worker.said())}


async def test_two_workers_make_every_song_once(shift: Shift, far: OwnProcess, s3: S3Server) -> None:
    near = shift.system.music
    alone = []
    for idle, busy in ((near, far), (far, near)):
        idle.freeze()
        song = await shift.arrives_once(await shift.send())
        idle.thaw()
        assert song.id in _rendered(busy) - _rendered(idle)
        alone.append(song)
    sent = [await shift.send() for _ in range(5)]
    songs = [*alone, *[await shift.arrives_once(song_id) for song_id in sent]]

    assert set(s3.keys(PREFIX)) == {path for song in songs for path in (song.audio_path, song.waveform_path)}
    assert not (shift.system.folder / "media").exists()
    assert not (far.folder / "media").exists()


async def test_a_worker_finishes_what_a_killed_one_left(shift: Shift, far: OwnProcess, s3: S3Server) -> None:
    near = shift.system.music
    far.freeze()
    async with shift.held(SongState.RENDERING) as song_id:
        near.kill()
        far.thaw()
        await shift.arrives_once(song_id)
    assert song_id in _rendered(near) & _rendered(far)


async def test_doctor_looks_into_the_bucket(system: System, s3: S3Server) -> None:
    cli = Cli(system.folder, system.settings)
    for url, fine in ((MEDIA_URL, True), ("s3://nowhere/songs", False)):
        answer = await asyncio.to_thread(cli, "doctor", "--json", MEDIA_URL=url)
        (media,) = [check for check in answer.json["checks"] if check["name"] == "media"]
        assert media["fine"] is fine
        assert "make s3" in media["do"] or fine
    assert [key for key in s3.keys(PREFIX) if "doctor" in key] == []
