"""Songs that end early, and what happens beside a song: slots come free, and nobody waits for others' sound."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from pipeline.backends.musicgen import codec
from pipeline.backends.musicgen.composer import MusicGenComposer, Options, open_composer
from pipeline.backends.musicgen.engine import Engine
from pipeline.errors import Cancelled, EngineFailed
from tests.pipeline.backends.musicgen.plans import composer, plan, render

__all__ = ["composer"]  # a fixture


def test_a_cancelled_song_ends_soon_and_frees_its_slot(composer: MusicGenComposer) -> None:
    started = threading.Event()
    calls = iter(range(10_000))

    def progress(_: float) -> None:
        started.set()

    with pytest.raises(Cancelled):
        composer.compose(
            plan(duration_s=120.0), on_progress=progress, cancelled=lambda: started.is_set() and next(calls) > 2
        )
    assert render(composer, plan()).duration_s == 5.0


def test_a_song_whose_decoding_fails_leaves_its_slot(
    composer: MusicGenComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two minutes are asked for; memory runs out, really refused by torch's allocator, at the first five seconds."""
    batches, advance = list[int](), Engine.advance

    def watched(engine: Engine, active: Sequence[int]) -> None:
        batches.append(len(active))
        advance(engine, active)

    monkeypatch.setattr(Engine, "advance", watched)
    with monkeypatch.context() as patch:
        patch.setattr(codec.ChunkDecoder, "feed", lambda *_: torch.empty(1 << 50, dtype=torch.uint8))
        with pytest.raises(EngineFailed, match="out_of_memory"):
            render(composer, plan(duration_s=120.0))
    render(composer, plan())
    assert set(batches) == {1}  # nobody was beside it, though the other one would take 6000 steps


def test_turning_codes_into_sound_holds_up_no_other_song(
    composer: MusicGenComposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first song's first five seconds are being decoded all the time that the second is made."""
    feed, going_on, over = codec.ChunkDecoder.feed, threading.Event(), threading.Event()
    sizes: list[int] = []

    def slow(pieces: codec.ChunkDecoder, codes: torch.Tensor, **last: bool) -> torch.Tensor:
        sizes.append(codes.shape[1])
        if len(sizes) == 1:
            going_on.set()
            assert over.wait(60)
        return feed(pieces, codes, **last)

    monkeypatch.setattr(codec.ChunkDecoder, "feed", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(render, composer, plan(duration_s=12.0))
        assert going_on.wait(60)
        second = render(composer, plan(seed=2))
        over.set()
        assert first.result().duration_s == 12.0
    assert second.duration_s == 5.0
    assert sizes[0] == 250  # of 600: the rest was still to come


def test_diffusion_can_be_cancelled_at_each_of_its_steps(composer: MusicGenComposer) -> None:
    steps: list[object] = []
    hook = composer._loaded.diffusion.DPs[0].model.register_forward_pre_hook(lambda *_: steps.append(1))
    try:
        with pytest.raises(Cancelled):
            composer.compose(plan(decoder="mbd"), on_progress=lambda _: None, cancelled=lambda: len(steps) >= 3)
    finally:
        hook.remove()
    assert len(steps) == 3


def test_who_waits_for_another_songs_diffusion_can_be_cancelled(composer: MusicGenComposer) -> None:
    asked = iter([False, False, True])
    with composer._one_at_a_time, pytest.raises(Cancelled):
        composer.compose(plan(), on_progress=lambda _: None, cancelled=lambda: next(asked))


def test_a_song_that_takes_too_long_is_given_up(home: Path) -> None:
    hasty = open_composer("text", home, Options(device="cpu", precision="fp32", slots=1, timeout_s=0.05))
    try:
        with pytest.raises(EngineFailed, match="render_timeout"):
            render(hasty, plan(duration_s=120.0))
    finally:
        hasty.close()
    with pytest.raises(EngineFailed, match="engine_crashed"):
        render(hasty, plan())
