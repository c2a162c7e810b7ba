"""A handful of the benchmark's songs: the tempo and the key that were asked for can be heard."""

from __future__ import annotations

import warnings

from bench.sketch_accuracy import find_key, find_tempo, key_fits, plans, tempo_fits
from pipeline.backends.sketch.arrangement import arrange
from pipeline.backends.sketch.score import Key
from tests.pipeline.backends.sketch.plans import compose


def test_there_are_seventy_different_briefs() -> None:
    assert len({(plan.brief.style, plan.brief.key, plan.params.seed) for plan in plans()}) == 70


def test_tempo_and_key_are_heard() -> None:
    """In four of five songs; the benchmark asks 90 % and 80 % of all seventy."""
    tempos = keys = 0
    for plan in list(plans())[3::14]:
        song = compose(plan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # librosa's own dependencies deprecate things
            tempos += tempo_fits(find_tempo(song), plan.brief.bpm)
            keys += key_fits(find_key(song), arrange(plan).key)
    assert tempos >= 4
    assert keys >= 4


def test_a_relative_key_counts_and_a_neighbour_does_not() -> None:
    a_minor = Key(9, "minor", (0, 2, 3, 5, 7, 8, 10))
    assert key_fits((0, False), a_minor)
    assert key_fits((9, True), a_minor)
    assert not key_fits((9, False), a_minor)
    assert not key_fits((4, True), a_minor)


def test_octaves_of_the_tempo_count_and_two_thirds_do_not() -> None:
    assert tempo_fits(140, 70)
    assert tempo_fits(62, 124)
    assert not tempo_fits(99, 150)
