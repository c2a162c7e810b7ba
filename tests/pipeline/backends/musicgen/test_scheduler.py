"""Songs that come and go in a batch: each gets the codes it would have alone, in turn, and soon."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from pipeline.backends.musicgen.conditions import encode
from pipeline.backends.musicgen.engine import Engine, SamplingParams
from pipeline.backends.musicgen.generation_request import GenerationRequest, plan_windows
from pipeline.backends.musicgen.linears import Precision
from pipeline.backends.musicgen.loading import Loaded
from pipeline.backends.musicgen.network import read_network
from pipeline.backends.musicgen.scheduler import Scheduler
from pipeline.errors import EngineFailed
from tests.pipeline.backends.musicgen.songs import (
    FRAMES,
    GIVEN,
    LENGTHS,
    codes_of,
    engine_of,
    make_all,
    make_song,
    running,
    start,
)

__all__ = ["running"]  # a fixture


@pytest.mark.parametrize(
    ("precision", "kernel"),
    [("fp32", False), ("fp32", True), ("bf16", True), ("bf16", False), ("fp16", True), ("int8", True)],
)
def test_every_song_of_a_mixed_batch_equals_its_solo_run(
    text: Loaded, running: list[Scheduler], precision: Precision, kernel: bool
) -> None:
    crowd = start(running, engine_of(text, slots=3, precision=precision, kernel=kernel))
    alone = start(running, engine_of(text, slots=1, precision=precision, kernel=kernel))

    def songs() -> list[GenerationRequest]:
        return [make_song(text, n, seconds=LENGTHS[n], given=GIVEN[n]) for n in range(6)]

    together = make_all(crowd, songs())
    solo = [make_all(alone, [song])[0] for song in songs()]

    assert [codes.shape[1] for codes in together] == [song.frames for song in songs()]
    assert [torch.equal(a, b) for a, b in zip(together, solo, strict=True)] == [True] * 6


def test_a_melody_model_mixes_songs_too(home: Path, running: list[Scheduler]) -> None:
    from pipeline.backends.musicgen.conditions import prepended_span
    from pipeline.backends.musicgen.loading import load

    tune = load("tune", home)
    network = read_network(tune.lm, precision="fp32")

    def engine(slots: int) -> Engine:
        return Engine(network, slots=slots, frames=FRAMES, prepended=prepended_span(tune, text=64), kernel=False)

    melody = torch.sin(torch.arange(64000) * 0.05)[None]
    encoded = [encode(tune, "flute"), encode(tune, "flute and drums", melody=melody)]

    def songs() -> list[GenerationRequest]:
        return [
            GenerationRequest(s.settings, s.windows, [encoded[n]], s.given, stride=30)
            for n, s in enumerate([make_song_like(0), make_song_like(1)])
        ]

    def make_song_like(number: int) -> GenerationRequest:
        windows = plan_windows(0.5, given=0, frame_rate=50, window_s=1.2, stride_s=0.6)
        return GenerationRequest(
            SamplingParams(seed=number, top_k=30), windows, (), torch.zeros(4, 0, dtype=torch.long), stride=30
        )

    together = make_all(start(running, engine(2)), songs())
    alone = start(running, engine(1))
    solo = [make_all(alone, [song])[0] for song in songs()]
    assert [torch.equal(a, b) for a, b in zip(together, solo, strict=True)] == [True, True]


def test_a_cancelled_song_leaves_and_the_others_do_not_notice(text: Loaded, running: list[Scheduler]) -> None:
    crowd = start(running, engine_of(text, slots=2))
    leaving, staying, waiting = (make_song(text, n, seconds=20.0 if n == 0 else 0.8) for n in range(3))
    for song in (leaving, staying, waiting):
        crowd.submit(song)
    leaving.out.get(timeout=60)  # it has begun
    leaving.dropped.set()
    rest = [codes_of(staying), codes_of(waiting)]

    alone = start(running, engine_of(text, slots=1))
    solo = [make_all(alone, [make_song(text, n)])[0] for n in (1, 2)]
    assert [torch.equal(a, b) for a, b in zip(rest, solo, strict=True)] == [True, True]
    assert leaving.made < leaving.frames


class Watched(Engine):
    """Notes who takes each step."""

    def __init__(self, loaded: Loaded, slots: int) -> None:
        super().__init__(read_network(loaded.lm, precision="fp32"), slots=slots, frames=FRAMES, kernel=False)
        self.batches: list[int] = []
        self.seeds: list[int] = []

    def assign(self, slot: int, settings: SamplingParams) -> None:
        super().assign(slot, settings)
        self.seeds.append(settings.seed)

    def advance(self, active: Sequence[int]) -> None:
        super().advance(active)
        self.batches.append(len(active))


def test_progress_counts_each_new_frame_once_in_songs_of_many_windows(text: Loaded, running: list[Scheduler]) -> None:
    song, counted = make_song(text, 1, seconds=2.9, given=7), list[int]()

    class Counting(Watched):
        def advance(self, active: Sequence[int]) -> None:
            super().advance(active)
            counted.append(song.made)

    codes = make_all(start(running, Counting(text, slots=1)), [song])[0]
    assert len(song.windows) > 2
    assert {later - earlier for earlier, later in pairwise(counted)} == {0, 1}
    assert song.made == song.frames == codes.shape[1] == 145 - 7


def test_a_song_is_given_up_before_the_next_step_though_nobody_follows_it(
    text: Loaded, running: list[Scheduler]
) -> None:
    engine = Watched(text, slots=1)
    leaving = make_song(text, 1, seconds=20.0)
    leaving.cancelled = lambda: len(engine.batches) >= 5
    scheduler = start(running, engine)
    scheduler.submit(leaving)
    (following,) = make_all(scheduler, [make_song(text, 2, seconds=0.5)])

    assert following.shape[1] == 25
    assert len(engine.batches) == 5 + 25 + 3  # of the second song, with the pattern's delay


def test_listeners_take_turns(text: Loaded, running: list[Scheduler]) -> None:
    engine = Watched(text, slots=2)
    scheduler = start(running, engine)
    greedy = [make_song(text, n, listener=1, seconds=0.5) for n in range(4)]
    modest = make_song(text, 9, listener=2, seconds=0.5)
    for song in [*greedy, modest]:
        scheduler.submit(song)
    for song in [*greedy, modest]:
        codes_of(song)

    assert engine.seeds.index(9) <= 2  # behind at most the two that had begun
    assert max(engine.batches) == 2


class Cramped(Watched):
    """An engine whose device has memory for two songs' steps, though three slots were planned."""

    room = 2

    def advance(self, active: Sequence[int]) -> None:
        if len(active) > self.room:
            raise torch.OutOfMemoryError("no room for another song")
        super().advance(active)


def test_out_of_memory_makes_the_batch_smaller_and_loses_nobody(text: Loaded, running: list[Scheduler]) -> None:
    engine = Cramped(text, slots=3)
    together = make_all(start(running, engine), [make_song(text, n) for n in range(4)])
    alone = start(running, engine_of(text, slots=1))
    solo = [make_all(alone, [make_song(text, n)])[0] for n in range(4)]

    assert [torch.equal(a, b) for a, b in zip(together, solo, strict=True)] == [True] * 4
    assert max(engine.batches) == 2


def test_a_song_that_does_not_fit_alone_fails_with_its_reason(text: Loaded, running: list[Scheduler]) -> None:
    engine = Cramped(text, slots=1)
    engine.room = 0
    scheduler = start(running, engine)
    with pytest.raises(EngineFailed) as failed:
        make_all(scheduler, [make_song(text, 1)])

    assert failed.value.code == "out_of_memory"
    assert not scheduler.broken


class Doomed(Engine):
    """An engine whose device is lost."""

    def advance(self, active: Sequence[int]) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")


def test_a_lost_device_fails_all_songs_and_is_known_as_broken(text: Loaded, running: list[Scheduler]) -> None:
    engine = Doomed(read_network(text.lm, precision="fp32"), slots=1, frames=FRAMES, kernel=False)
    scheduler = start(running, engine)
    songs = [make_song(text, n) for n in range(3)]
    for song in songs:
        scheduler.submit(song)
    for song in songs:
        failure = song.out.get(timeout=60)
        assert isinstance(failure, EngineFailed)
        assert failure.code == "engine_crashed"
    assert scheduler.broken

    late = make_song(text, 4)
    scheduler.submit(late)
    assert isinstance(late.out.get(timeout=60), EngineFailed)


def test_closing_fails_what_is_under_way(text: Loaded) -> None:
    scheduler = Scheduler(engine_of(text, slots=1))
    song = make_song(text, 0, seconds=60.0)
    scheduler.submit(song)
    closer = threading.Thread(target=scheduler.close)
    closer.start()
    closer.join(30)

    assert not closer.is_alive()
    assert isinstance(song.out.get(timeout=5), EngineFailed)
