"""The whole path with MusicGen: a selfie goes in, real workers render it on a tiny checkpoint, the mp3 arrives once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from mutagen.id3 import ID3

from bot.job_queue import queue_name
from handlers.delivery.song_message import song_message
from handlers.events import Origin
from handlers.songs.cancel import cancel_song
from handlers.songs.extend import extend_song
from pipeline.backends.musicgen.composer import LICENCE_NOTE
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from tests.bot.cli.command_line import Cli
from tests.bot.processes import OwnProcess
from tests.bot.system import ANN, Shift, System, running_system
from tests.bot.waiting import until
from tests.pipeline.audio.recipe import recipe_in
from tests.s3_server import BUCKET, S3Server

pytestmark = pytest.mark.timeout(
    300
)  # a worker imports torch and audiocraft first: 8 s of one core, more on a busy one


@pytest.fixture(scope="module")
def system(
    home: Path,
    migrated: str,
    weights_home: Path,
    portrait: Path,
    s3: S3Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """Workers that share a bucket, as those on several machines do."""
    folder = tmp_path_factory.mktemp("music")
    musicgen = {
        "MUSIC_ENGINE": "musicgen",
        "MUSICGEN_MODEL": "text",
        "MUSICGEN_HOME": str(home),
        "MUSICGEN_PRECISION": "fp32",
        "MUSICGEN_SLOTS": "2",
        "STALE_AFTER_S": "8",
        "MEDIA_URL": f"s3://{BUCKET}/musicgen",
        **s3.environment,
    }
    with running_system(folder, migrated, weights_home, portrait, **musicgen) as system:
        yield system


@pytest.fixture
async def shift(system: System) -> AsyncIterator[Shift]:
    async with system.opened() as shift:
        yield shift


async def _mp3(song: SongRow, shift: Shift) -> bytes:
    return await shift.process.deps.media.get(song.audio_path or "")


async def test_a_selfie_becomes_a_musicgen_song_that_says_so(shift: Shift) -> None:
    song = await shift.arrives_once(await shift.send())
    mp3, params = await _mp3(song, shift), cast("dict[str, Any]", song.params)
    assert song.model == params["model"] == recipe_in(mp3).params.model == "musicgen-text"
    assert song.duration_sec == pytest.approx(5.0, abs=0.1)
    assert set(params["made_with"]) == {"audiocraft", "torch", "transformers", "device", "precision", "revision"}
    assert params["made_with"]["precision"] == "fp32"
    assert params["credit"] == {"kind": "generative", "licence": "noncommercial"}
    assert [frame.text for frame in ID3(io.BytesIO(mp3)).getall("USER")] == [LICENCE_NOTE]
    caption = (await song_message(song, deps=shift.process.deps)).caption
    assert "AI-generated with musicgen-text, non-commercial" in caption


async def test_the_same_recipe_makes_the_same_song_again(shift: Shift) -> None:
    sampling: dict[str, Any] = {"top_k": 20, "top_p": 0.7, "temperature": 1.3, "cfg_coef": 4.5, "decoder": "mbd"}
    song = await shift.arrives_once(await shift.send(**sampling))
    assert sampling.items() <= cast("dict[str, Any]", song.params).items()
    assert recipe_in(await _mp3(song, shift)).params.decoder == "mbd"
    again = await asyncio.to_thread(Cli(shift.system.folder, shift.system.settings), "again", str(song.id), "--json")
    assert (again.status, again.json["identical"]) == (0, True)


async def test_a_song_goes_on_where_an_earlier_one_ends(shift: Shift) -> None:
    earlier = await shift.arrives_once(await shift.send())
    origin = Origin("", {"chat": "1"}, "extend")
    longer = await extend_song(earlier.id, ANN, origin, deps=shift.process.deps, seconds=5.0, interactive=False)
    assert (await shift.arrives_once(longer)).duration_sec == pytest.approx(10.0, abs=0.2)


async def test_a_song_gets_the_engine_it_asks_for_or_a_sentence(shift: Shift) -> None:
    played, generated, unknown = [await shift.send(engine=name) for name in ("sketch", "musicgen", "musicgen-large")]
    assert (await shift.arrives_once(played)).model == "sketch"
    assert (await shift.arrives_once(generated)).model == "musicgen-text"
    failed = await shift.fails_once(unknown)
    assert (failed.error_code, failed.attempts) == ("unknown_engine", 3)
    assert "musicgen-large" in shift.chat.sentences(unknown)[0]


async def test_a_cancelled_render_stops_and_frees_its_slot(shift: Shift) -> None:
    song_id = await shift.send(duration_s=120.0)
    await shift.reaches(song_id, SongState.RENDERING)
    assert await cancel_song(song_id, by=ANN, deps=shift.process.deps)

    async def let_go() -> bool:
        return f"music:{song_id}:0".encode() not in await shift.process.pool.zrange(queue_name("music", ""), 0, -1)

    await until(let_go, "the worker to let go")
    song = await shift.song(song_id)
    assert (song.status, song.audio_path) == (SongState.CANCELLED, None)
    await shift.arrives_once(await shift.send())


async def test_a_killed_workers_song_arrives_once(shift: Shift) -> None:
    async with shift.held(SongState.RENDERING) as song_id:
        shift.system.music.kill()
        assert (await shift.song(song_id)).status == SongState.RENDERING
    await shift.system.staffed()
    assert (await shift.arrives_once(song_id)).model == "musicgen-text"


async def test_two_workers_share_the_songs_and_one_finishes_what_the_other_left(shift: Shift) -> None:
    system = shift.system
    second = OwnProcess(
        ("bot", "--verbose", "worker", "music"), system.settings, system.folder, system.folder / "second.log"
    )
    second.start()

    async def serving() -> bool:
        return "Starting worker" in second.said()

    try:
        await until(serving, "the second worker")
        songs = [await shift.send(duration_s=120.0) for _ in range(3)]  # one more than a worker has slots

        async def all_at_once() -> bool:
            return {(await shift.song(each)).status for each in songs} == {SongState.RENDERING}

        await until(all_at_once, "both workers to render")
        for each in songs:
            assert await cancel_song(each, by=ANN, deps=shift.process.deps)

        await shift.freeze(second, songs[0])
        async with shift.held(SongState.RENDERING) as song_id:
            system.music.kill()
            second.thaw()
            assert (await shift.arrives_once(song_id)).model == "musicgen-text"
    finally:
        second.kill()


async def test_a_lost_device_ends_its_worker_and_the_next_one_makes_the_song(shift: Shift) -> None:
    system = shift.system
    if system.music.alive:
        system.music.kill()
    worker = OwnProcess(
        ("tests.pipeline.backends.musicgen.breaking_worker",),
        system.settings,
        system.folder,
        system.folder / "lost.log",
    )
    worker.start()
    song_id = await shift.send()
    assert worker.process is not None
    assert await asyncio.to_thread(worker.process.wait, 120) == 1, worker.said()
    assert "The music engine broke" in worker.said()
    song = await shift.song(song_id)
    assert (song.status, song.lease, song.attempts) == (SongState.RENDERING, None, 1)
    await system.staffed()
    assert (await shift.arrives_once(song_id)).model == "musicgen-text"
