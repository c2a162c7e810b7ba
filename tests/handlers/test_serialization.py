"""What is kept comes back as it was, also what older and newer versions kept."""

from __future__ import annotations

import json

import pytest

from handlers.serialization import from_json, label_from, mood_from_json, mood_to_json, to_json
from handlers.song_options import SongOptions
from pipeline.values import Brief, Face, Mood, MoodSegment, Reason, RenderParams, Section

SCORES = {"angry": 0.0, "disgust": 0.0, "fear": 0.0, "happy": 0.6, "sad": 0.1, "surprise": 0.1, "neutral": 0.2}
BRIEF = Brief("lofi piano", "warm", 80, None, ("piano", "钢琴"), (Section(0, 30, "main"),), ("soft",), ("drums",))
VALUES = (
    BRIEF,
    RenderParams(seed=2**53 + 1, melody="0" * 32, extends=7),
    Reason("liked", "lo-fi", 4, 5),
    SongOptions(duration_s=12.5, mood="sad", seed=7, locale="zh-hant", note="für Élise 🎹", interactive=True),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_from_json(value: object) -> None:
    kept = json.loads(json.dumps(to_json(value)))
    assert from_json(type(value), kept) == value
    assert from_json(type(value), {**kept, "made_with": {"numpy": "2.1"}}) == value


def test_options_of_every_age_say_live() -> None:
    assert to_json(SongOptions(interactive=True))["live"] is True
    assert from_json(SongOptions, {"locale": "zh", "live": True}) == SongOptions(locale="zh", interactive=True)


def test_a_mood_says_whether_it_is_sure() -> None:
    other = Face(0.1, 0.2, 0.3, 0.4, "sad", 0.5)
    mood = Mood("happy", 0.6, SCORES, 2, (other,), (MoodSegment(0.0, 4.5, "happy", 0.6),))  # type: ignore[arg-type]
    kept = json.loads(json.dumps(mood_to_json(mood)))
    assert kept["sure"] is True
    assert kept["other_faces"][0]["label"] == "sad"
    assert mood_from_json(kept) == mood
    assert mood_from_json({**kept, "picture": 2, "chosen": True}) == mood


def test_other_words_are_no_label() -> None:
    assert label_from("fear") == "fear"
    with pytest.raises(ValueError, match="merry"):
        label_from("merry")
