"""The composer as the music worker uses it: plans in, waveforms out, from several threads at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.audio.composer import Composer
from pipeline.backends.musicgen import codec, conditions, resampling
from pipeline.backends.musicgen.composer import STRIDE_SHARE, MusicGenComposer, Options, open_composer
from pipeline.backends.musicgen.engine import SamplingParams
from pipeline.backends.musicgen.generation_request import Window, plan_windows
from pipeline.backends.musicgen.loading import Loaded, load
from pipeline.errors import BadInput
from pipeline.values import Waveform
from tests.pipeline.backends.musicgen.plans import BRIEF, composer, plan, render
from tests.pipeline.backends.musicgen.reference import PROMPT, Reference

__all__ = ["composer"]  # a fixture


@pytest.fixture(scope="module")
def tune(home: Path) -> Iterator[MusicGenComposer]:
    composer = open_composer("tune", home, Options(device="cpu", precision="fp32", slots=1))
    yield composer
    composer.close()


def test_it_is_a_composer_with_an_honest_name(composer: Composer) -> None:
    assert composer.name == "musicgen-text"
    assert composer.slots == 2


def test_a_song_is_audiocrafts_song(composer: MusicGenComposer, home: Path) -> None:
    fractions: list[float] = []
    made = composer.compose(plan(seed=7, top_k=50), on_progress=fractions.append, cancelled=lambda: False)

    model = Reference.saved(home, "text")
    with torch.no_grad():
        theirs = model.loaded.codec.decode(model.theirs(SamplingParams(seed=7, top_k=50), seconds=5.0)[None])[0]
    assert made.sample_rate == 32000
    assert made.samples.dtype == np.float32
    assert made.samples.shape == (1, 5 * 32000)
    assert np.allclose(made.samples, theirs.clamp(-1, 1).numpy(), atol=1e-5)
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0.0
    assert fractions[-1] == 1.0


def test_more_songs_than_slots_from_threads_each_sound_as_alone(composer: MusicGenComposer) -> None:
    plans = [plan(seed=n, duration_s=5.0 + n % 3, top_k=0 if n % 2 else 250, top_p=0.8 * (n % 2)) for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda p: render(composer, p, listener=p.params.seed % 2), plans))
    alone = [render(composer, p) for p in plans]

    for first, second in zip(together, alone, strict=True):
        assert np.array_equal(first.samples, second.samples)
    assert not np.array_equal(together[0].samples, together[2].samples)


def test_stereo_has_two_channels(home: Path) -> None:
    stereo = open_composer("stereo", home, Options(device="cpu", precision="bf16", slots=1))
    try:
        made = render(stereo, plan())
        diffused = render(stereo, plan(decoder="mbd"))
    finally:
        stereo.close()
    assert made.samples.shape == diffused.samples.shape == (2, 160000)


def test_diffusion_decodes_the_same_way_twice_and_otherwise_than_encodec(composer: MusicGenComposer) -> None:
    first, second = render(composer, plan(decoder="mbd")), render(composer, plan(decoder="mbd"))

    assert first.samples.shape == (1, 160000)
    assert np.array_equal(first.samples, second.samples)
    assert not np.allclose(first.samples, render(composer, plan()).samples)


def test_a_song_goes_on_from_its_end(composer: MusicGenComposer) -> None:
    earlier = render(composer, plan(duration_s=14.0))
    longer = render(composer, plan(seed=2, duration_s=17.0), extend=earlier)

    assert longer.duration_s == pytest.approx(17.0, abs=0.05)
    kept = earlier.samples.shape[1] - 32000
    assert np.array_equal(longer.samples[:, :kept], earlier.samples[:, :kept])
    assert np.abs(longer.samples[:, earlier.samples.shape[1] :]).max() > 0
    with pytest.raises(BadInput) as refused:
        render(composer, plan(duration_s=14.5), extend=earlier)
    assert refused.value.code == "extend_too_short"


def tone(seconds: float, *, volume: float = 0.3) -> Waveform:
    wave = volume * np.sin(np.arange(int(seconds * 16000)) * 0.17)
    return Waveform(np.stack([wave, wave]).astype(np.float32), 16000)


def test_a_melody_changes_the_song(tune: MusicGenComposer) -> None:
    assert tune.takes_melody
    with_melody = render(tune, plan(), melody=tone(2.0))

    assert with_melody.duration_s == 5.0
    assert not np.array_equal(with_melody.samples, render(tune, plan()).samples)


def test_a_melody_begins_anew_in_a_song_of_many_windows_as_audiocrafts(home: Path) -> None:
    """Windows of 1.6 s; each hears the melody's stretch that belongs to it, over and over."""
    reference = Reference.saved(home, "tune", window_s=1.6)
    composer = MusicGenComposer(
        replace(load("tune", home), window_s=1.6), Options(device="cpu", precision="fp32", slots=1)
    )
    try:
        made = render(composer, plan(seed=3, top_k=20), melody=tone(2.3))
    finally:
        composer.close()
    heard = resampling.convert(tone(2.3), rate=32000, channels=1)
    codes = reference.theirs(SamplingParams(seed=3, top_k=20), seconds=5.0, melody=heard, stride_s=1.6 * STRIDE_SHARE)
    with torch.no_grad():
        theirs = reference.loaded.codec.decode(codes[None])[0]
    assert np.allclose(made.samples, theirs.clamp(-1, 1).numpy(), atol=1e-5)


def test_more_words_than_a_slot_holds_are_cut(tune: MusicGenComposer) -> None:
    """In a melody model they stand before the music, and would push its end out of the slot."""
    long = replace(plan(duration_s=30.0), prompt=" ".join([PROMPT] * 30))
    encoded = conditions.encode(tune._loaded, long.prompt, melody=torch.randn(1, 30 * 32000))

    assert encoded.prepended is not None
    assert encoded.prepended.shape[1] == conditions.prepended_span(tune._loaded)
    assert render(tune, long, melody=tone(30.0)).duration_s == 30.0


@pytest.mark.parametrize(
    ("melody", "code"),
    [
        (tone(1.4), "melody_too_short"),
        (tone(3.0, volume=1e-4), "melody_silent"),
        (tone(3.0, volume=np.nan), "melody_silent"),
    ],
)
def test_melodies_that_cannot_be_followed_are_refused(tune: MusicGenComposer, melody: Waveform, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        render(tune, plan(), melody=melody)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"duration_s": 4.9}, "bad_duration"),
        ({"duration_s": 121.0}, "bad_duration"),
        ({"decoder": "tape"}, "decoder_unknown"),
    ],
)
def test_impossible_wishes_are_refused(composer: MusicGenComposer, params: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        render(composer, plan(**params))
    assert refused.value.code == code
    with pytest.raises(BadInput, match="melody_unsupported"):
        render(composer, plan(), melody=tone(3.0))


def test_steering_away_from_unwanted_words_changes_the_song_not_the_prompt(
    home: Path, composer: MusicGenComposer
) -> None:
    steered = open_composer("text", home, Options(device="cpu", precision="fp32", slots=1, negative_prompt=True))
    try:
        assert not np.array_equal(render(steered, plan()).samples, render(composer, plan()).samples)
        nothing = replace(plan(), brief=replace(BRIEF, avoid=()))
        assert np.array_equal(render(steered, nothing).samples, render(composer, nothing).samples)
    finally:
        steered.close()


def test_words_to_avoid_are_not_sung_about(composer: MusicGenComposer) -> None:
    """The prompt that is kept and shown names them; the model reads it without."""
    with_avoid = replace(plan(), prompt="A warm lofi track. Mix: wide. Avoid: drums, bass guitar. Overall: calm.")
    silent = replace(plan(), prompt="A warm lofi track. Mix: wide. Overall: calm.")
    wanted = replace(plan(), prompt="A warm lofi track. Mix: wide. Include: drums, bass guitar. Overall: calm.")

    assert np.array_equal(render(composer, with_avoid).samples, render(composer, silent).samples)
    assert not np.array_equal(render(composer, with_avoid).samples, render(composer, wanted).samples)


def test_windows_are_audiocrafts() -> None:
    def cut(seconds: float, given: int = 0) -> tuple[Window, ...]:
        return plan_windows(seconds, given=given, frame_rate=50, window_s=30.0, stride_s=18.0)

    assert cut(30.0) == (Window(0.0, 1500, 0),)
    assert cut(60.0) == (Window(0.0, 1500, 0), Window(18.0, 1500, 600), Window(36.0, 1200, 600))
    assert sum(window.frames - window.known for window in cut(120.0)) == 6000
    assert cut(40.0, given=600)[0] == Window(0.0, 1500, 600)


def test_sound_made_in_pieces_equals_sound_made_at_once(text: Loaded) -> None:
    codes = torch.randint(0, 64, (4, 140))
    pieces = codec.ChunkDecoder(text.codec)
    with torch.no_grad():
        at_once = text.codec.decode(codes[None])[0]
        parts = [pieces.feed(codes[:, start : start + 45]) for start in range(0, 140, 45)]
        whole = torch.cat([*parts, pieces.finish()], dim=1)

    assert parts[0].shape[1] == (45 - codec.CONTEXT_FRAMES) * 640  # what has its context sounds at once
    assert torch.allclose(whole, at_once, atol=1e-5)


def test_joining_keeps_the_earlier_song_and_crosses_over() -> None:
    earlier = Waveform(np.full((1, 1000), 0.5, np.float32), 1000)
    later = Waveform(np.full((1, 700), -0.5, np.float32), 1000)
    joined = resampling.join(earlier, later, context_s=0.4, seam_s=0.1).samples[0]

    assert len(joined) == 1300  # all of the earlier, and what the later has beyond the shared 400
    assert (joined[:900] == 0.5).all()
    assert (joined[1000:] == -0.5).all()
    assert (np.diff(joined[900:1000]) <= 0).all()


def test_progress_does_not_wait_for_the_end(composer: MusicGenComposer) -> None:
    seen: list[tuple[float, float]] = []
    composer.compose(
        plan(duration_s=12.0), on_progress=lambda f: seen.append((time.monotonic(), f)), cancelled=lambda: False
    )

    between = {round(fraction, 2) for _, fraction in seen} - {0.0, 1.0}
    assert len(between) >= 3
