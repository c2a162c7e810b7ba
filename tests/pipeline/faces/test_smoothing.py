from __future__ import annotations

from itertools import pairwise, product
from math import log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.faces.smoothing import STAY, dominant, segments, smooth
from pipeline.values import EMOTION_LABELS, EmotionLabel, MoodSegment

Scores = dict[EmotionLabel, float]


def leaning(label: EmotionLabel, score: float = 0.6) -> Scores:
    rest = (1 - score) / (len(EMOTION_LABELS) - 1)
    return {other: score if other == label else rest for other in EMOTION_LABELS}


weights = st.lists(st.floats(0.001, 1), min_size=7, max_size=7)
frame_scores = weights.map(
    lambda values: {label: value / sum(values) for label, value in zip(EMOTION_LABELS, values, strict=True)}
)


def test_one_odd_frame_does_not_change_the_mood() -> None:
    frames = [leaning("happy")] * 4 + [leaning("sad")] + [leaning("happy")] * 4
    assert smooth(frames) == ["happy"] * 9


def test_a_lasting_change_does() -> None:
    frames = [leaning("happy")] * 5 + [leaning("angry")] * 5
    assert smooth(frames) == ["happy"] * 5 + ["angry"] * 5


def test_a_score_of_zero_forbids_nothing_for_ever() -> None:
    certain: Scores = dict.fromkeys(EMOTION_LABELS, 0.0) | {"fear": 1.0}
    assert (
        smooth([leaning("happy"), *[certain] * 4]) == ["fear"] * 5
        or smooth([leaning("happy"), *[certain] * 4]) == ["happy"] + ["fear"] * 4
    )


@given(st.lists(frame_scores, min_size=1, max_size=4))
def test_no_other_path_is_likelier(frames: list[Scores]) -> None:
    def likelihood(path: tuple[EmotionLabel, ...]) -> float:
        moves = prod(STAY if one == other else (1 - STAY) / 6 for one, other in pairwise(path))
        return log(moves) + sum(log(scores[label] + 1e-6) for scores, label in zip(frames, path, strict=True))

    found = smooth(frames)
    best = max(map(likelihood, product(EMOTION_LABELS, repeat=len(frames))))
    assert likelihood(tuple(found)) == pytest.approx(best)


@given(st.lists(frame_scores, min_size=1, max_size=12), st.integers(0, 20))
def test_segments_cover_the_clip_without_a_gap(frames: list[Scores], late: int) -> None:
    times_s = [(late + number) / 2 for number in range(len(frames))]
    duration_s = times_s[-1] + 0.5
    found = segments(smooth(frames), frames, times_s=times_s, duration_s=duration_s)
    assert found[0].start_s == 0
    assert found[-1].end_s == duration_s
    for one, other in pairwise(found):
        assert one.end_s == other.start_s
        assert one.label != other.label
    assert all(0 <= segment.confidence <= 1 and segment.start_s < segment.end_s for segment in found)


def test_the_mood_that_lasts_longest_in_all_is_dominant() -> None:
    moods = [MoodSegment(0, 2, "happy", 0.5), MoodSegment(2, 5, "sad", 0.9), MoodSegment(5, 8, "happy", 0.5)]
    assert dominant(moods) == "happy"


def test_between_equals_the_surer_mood_is_dominant() -> None:
    assert dominant([MoodSegment(0, 2, "happy", 0.5), MoodSegment(2, 4, "sad", 0.9)]) == "sad"
