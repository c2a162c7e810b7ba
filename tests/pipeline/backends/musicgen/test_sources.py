"""Melodies, earlier songs and too little memory: what the real engines make of them, and what is said of it."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from bot.cli.commands.again import render_again
from bot.settings import Settings
from handlers.delivery.song_message import song_message
from handlers.deps import Deps
from handlers.events import MelodyReceived, MoodNamed, Origin
from handlers.intake.melody import keep_melody
from handlers.intake.named_mood import receive_mood
from handlers.jobs.draft import draft_song
from handlers.jobs.render import render_song
from handlers.song_options import SongOptions
from handlers.songs.extend import extend_song
from pipeline.audio import mp3
from pipeline.audio.composer import Composer
from pipeline.audio.recording import read_recording
from pipeline.backends.musicgen import codec
from pipeline.backends.musicgen.composer import MusicGenComposer, Options, open_composer
from pipeline.backends.musicgen.engine import Conditions, Engine
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.errors import BadInput
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from tests.bot.telegram.chat_fixture import NoReader
from tests.handlers.conftest import ANN, clock, deps, queue
from tests.handlers.planned_songs import row
from tests.pipeline.audio.recipe import recipe_in

__all__ = ["clock", "deps", "queue"]  # fixtures

EVENT = Origin("here", {}, "1")


@pytest.fixture(scope="module")
def tune(home: Path) -> Iterator[MusicGenComposer]:
    composer = open_composer("tune", home, Options(device="cpu", precision="fp32", slots=1))
    yield composer
    composer.close()


def recording(seconds: float = 2.0, *, volume: float = 0.3) -> bytes:
    """A hummed tone as a wav file."""
    samples = (32767 * volume * np.sin(np.arange(int(seconds * 16000)) * 0.17)).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(samples.tobytes())
    return out.getvalue()


async def made(deps: Deps, *composers: Composer, **wished: Any) -> SongRow:
    """A song's way through drafting and rendering."""
    event = MoodNamed(ANN, "happy", {"place": "here"}, SongOptions(**{"duration_s": 5.0, "seed": 7, **wished}))
    song_id = await receive_mood(event, deps=deps)
    await draft_song(song_id, deps=deps, reader=NoReader(), writer=None)
    await render_song(song_id, deps=deps, composers=composers)
    return await row(deps, song_id)


def params(song: SongRow) -> dict[str, Any]:
    return cast("dict[str, Any]", song.params)


async def sound_of(song: SongRow, deps: Deps) -> np.ndarray[Any, np.dtype[np.float32]]:
    return mp3.decode(await deps.media.get(song.audio_path or "")).samples


async def caption(song: SongRow, deps: Deps) -> str:
    return (await song_message(song, deps=deps)).caption


async def test_a_hummed_melody_is_followed(deps: Deps, tune: MusicGenComposer) -> None:
    plain = await made(deps, tune)
    await keep_melody(MelodyReceived(ANN, recording()), deps=deps)
    song = await made(deps, tune)
    assert params(song)["melody"]
    assert recipe_in(await deps.media.get(song.audio_path or "")).params.melody == params(song)["melody"]
    assert "remarks" not in params(song)
    assert not np.array_equal(await sound_of(song, deps), await sound_of(plain, deps))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (recording(1.2), "That melody is shorter than 1.5 seconds"),
        (recording(volume=1e-4), "I hear nothing"),
        (b"RIFF rubbish", "I can't read that audio file"),
        (b"", "I lost the recording"),
    ],
    ids=("short", "silent", "rubbish", "lost"),
)
async def test_a_melody_that_cannot_be_followed_is_left_out_and_the_caption_says_why(
    deps: Deps, tune: MusicGenComposer, data: bytes, why: str
) -> None:
    await keep_melody(MelodyReceived(ANN, data or recording()), deps=deps)
    if not data:
        for path in await deps.media.list():
            await deps.media.remove(path)
    song = await made(deps, tune)
    assert song.status == SongState.DELIVERING
    assert params(song)["melody"] is None
    assert f"Made without your melody. {why}" in await caption(song, deps)


async def test_sketch_says_that_it_follows_none(deps: Deps) -> None:
    await keep_melody(MelodyReceived(ANN, recording()), deps=deps)
    song = await made(deps, SketchComposer())
    assert "Made without your melody. The engine here follows no melodies" in await caption(song, deps)


async def test_a_song_goes_on_from_an_earlier_one(deps: Deps, tune: MusicGenComposer) -> None:
    earlier = await made(deps, tune, duration_s=8.0)
    song_id = await extend_song(earlier.id, ANN, EVENT, deps=deps, seconds=6.0, interactive=False)
    await render_song(song_id, deps=deps, composers=[tune])
    longer = await row(deps, song_id)
    assert longer.duration_sec == pytest.approx(14.0, abs=0.2)
    assert params(longer)["extends"] == earlier.id
    first, second = await sound_of(earlier, deps), await sound_of(longer, deps)
    span = slice(32000, 6 * 32000)  # neither the first edge nor what the earlier song's ending faded
    assert np.corrcoef(first[0, span], second[0, span])[0, 1] > 0.9


async def test_an_engine_that_cannot_go_on_says_so(deps: Deps) -> None:
    sketch = SketchComposer()
    earlier = await made(deps, sketch)
    song_id = await extend_song(earlier.id, ANN, EVENT, deps=deps, interactive=False)
    await render_song(song_id, deps=deps, composers=[sketch])
    song = await row(deps, song_id)
    assert (song.status, song.error_code, song.attempts) == (SongState.FAILED, "extend_unsupported", 1)


async def test_where_memory_runs_out_the_song_is_shorter_and_says_so(
    deps: Deps, tune: MusicGenComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine has memory for 8 s of diffusion; more is really asked of torch's allocator, and refused by it."""
    diffuse, sizes = codec.diffuse, list[int]()

    def hungry(diffusion: Any, model: Any, codes: torch.Tensor, **rest: Any) -> torch.Tensor:
        frames = codes.shape[1]
        sizes.append(frames)
        torch.empty(frames << (40 if frames > 8 * 50 else 0), dtype=torch.uint8)
        return diffuse(diffusion, model, codes, **rest)

    monkeypatch.setattr(codec, "diffuse", hungry)
    song = await made(deps, tune, duration_s=24.0, decoder="mbd")
    assert sizes == [24 * 50, 12 * 50, 6 * 50]
    assert song.status == SongState.DELIVERING
    assert song.duration_sec == pytest.approx(6.0, abs=0.1)
    assert params(song)["duration_s"] == 6.0
    assert "Shorter than you asked (24 s): the machine ran out of memory." in await caption(song, deps)


async def test_a_song_whose_steps_need_too_much_memory_is_shorter_too(
    deps: Deps, tune: MusicGenComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, but in the engine, where the song is alone: there is nobody to make room for it."""
    opened, lengths = Engine.open, list[int]()

    def hungry(
        engine: Engine, slot: int, conditions: Conditions, *, codes: torch.Tensor, frames: int
    ) -> Iterator[None]:
        lengths.append(frames)
        torch.empty(frames << (40 if frames > 8 * 50 else 0), dtype=torch.uint8)
        yield from opened(engine, slot, conditions, codes=codes, frames=frames)

    monkeypatch.setattr(Engine, "open", hungry)
    song = await made(deps, tune, duration_s=24.0)
    assert lengths == [24 * 50, 12 * 50, 6 * 50]
    assert (song.status, params(song)["duration_s"]) == (SongState.DELIVERING, 6.0)
    assert "Shorter than you asked (24 s): the machine ran out of memory." in await caption(song, deps)
    assert not tune.broken


async def test_a_song_for_which_no_length_is_short_enough_is_handed_back(
    deps: Deps, tune: MusicGenComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "diffuse", lambda *_, **__: torch.empty(1 << 50, dtype=torch.uint8))
    song = await made(deps, tune, duration_s=12.0, decoder="mbd")
    assert (song.status, song.attempts, song.lease) == (SongState.RENDERING, 1, None)


HOSTILE = (b"", b"OggS", b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n", bytes(5000))


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_recordings_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="unreadable_audio"):
        read_recording(data)


def test_a_recording_becomes_one_channel_of_two_minutes_at_most() -> None:
    sound = read_recording(recording(130.0))
    assert (sound.sample_rate, sound.channels, round(sound.duration_s)) == (32000, 1, 120)


async def test_a_song_with_a_melody_and_its_continuation_are_rendered_again_alike(
    deps: Deps, tune: MusicGenComposer, home: Path
) -> None:
    await keep_melody(MelodyReceived(ANN, recording()), deps=deps)
    first = await made(deps, tune)
    second = await extend_song(first.id, ANN, EVENT, deps=deps, seconds=5.0, interactive=False)
    await render_song(second, deps=deps, composers=[tune])
    options = {"musicgen_home": home, "musicgen_model": "tune", "musicgen_precision": "fp32", "musicgen_slots": 1}
    settings = Settings.model_validate({**options, "musicgen_device": "cpu"})
    for song in (first, await row(deps, second)):
        assert (await render_again(song, "en", settings, deps=deps)).audio_md5 == song.audio_md5
