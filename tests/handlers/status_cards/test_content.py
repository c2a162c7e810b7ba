"""What a status card says at each point of a song's way, in the words of the song's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from handlers.serialization import to_json
from handlers.song_options import SongOptions
from handlers.songs.eta import QueueEstimate
from handlers.status_cards.content import Card, CardFacts, card_of
from pipeline.values import EMOTION_LABELS, Mood
from storage.repositories.messages.status_cards import CardRow
from storage.song_states import SongState

ROW = CardRow(
    id=9,
    session_id=1,
    user_id=1,
    platform="somewhere",
    message_ref=None,
    shown=None,
    claimed=None,
    in_group=False,
    due_at=datetime.fromisoformat("2026-03-01T12:00:00"),
    status=SongState.RECEIVED,
    emotion=None,
    genre=None,
    brief=None,
    duration_sec=30.0,
    progress=None,
    options=to_json(SongOptions(locale="en", interactive=True)),
    reply_to={"place": "server:1"},
    error_code=None,
    error=None,
    notified_at=None,
)
HAPPY = Mood("happy", 0.92, {label: 0.92 if label == "happy" else 0.01 for label in EMOTION_LABELS})
BRIEF = {"style": "sunny lo-fi", "bpm": 82}


def card(status: SongState, *, estimate: QueueEstimate | None = None, locale: str = "en", **row: Any) -> Card:
    options = to_json(SongOptions(locale=locale, interactive=True))
    return card_of(CardFacts(replace(ROW, status=status, options=options, **row), HAPPY, False, estimate))


@pytest.mark.parametrize(
    ("status", "row", "last"),
    [
        (SongState.RECEIVED, {}, "Got it. I'll look at your photo in a moment."),
        (SongState.READING, {}, "Reading the mood…"),
        (SongState.DRAFTING, {}, "Writing the brief…"),
        (SongState.RENDERING, {"progress": 0.431}, "Rendering 43 %"),
        (SongState.DELIVERING, {}, "Sending…"),
    ],
)
def test_it_says_how_far_the_song_is_and_can_be_cancelled(status: SongState, row: dict[str, Any], last: str) -> None:
    shown = card(status, **row)
    assert shown.text.splitlines()[-1] == last
    assert [button.token for line in shown.buttons for button in line] == ["1:cancel:9:"]


def test_mood_and_brief_stay_above_what_happens_now() -> None:
    assert card(SongState.RENDERING, brief=BRIEF, progress=0.5).text.splitlines() == [
        "Mood: happy, 92 %",
        "Brief: sunny lo-fi, 82 BPM",
        "Rendering 50 %",
    ]


@pytest.mark.parametrize(
    ("waiting", "rate", "last"),
    [
        ((5, 7, 9, 11), 0.5, "2 ahead of you, about 1 min"),
        ((5, 7, 9, 11), 4.0, "2 ahead of you, about 6 min"),
        ((5, 7, 9), None, "2 ahead of you"),
        ((9, 11), 0.5, "You're next, about 1 min"),
        ((9, 11), None, "You're next."),
    ],
)
def test_it_says_how_many_come_first_and_how_long_that_takes(
    waiting: tuple[int, ...], rate: float | None, last: str
) -> None:
    assert card(SongState.QUEUED, estimate=QueueEstimate(waiting, 1, rate)).text.splitlines()[-1] == last


def test_it_speaks_the_songs_language() -> None:
    assert card(SongState.QUEUED, estimate=QueueEstimate((5, 7, 9), 1, 0.5), locale="zh").text.splitlines() == [
        "心情：开心，92 %",
        "前面还有 2 首，大约 1 分钟",
    ]


def test_it_ends_as_the_song_as_a_word_or_as_a_sentence_with_what_helps() -> None:
    assert card(SongState.DELIVERED) == Card("")
    assert card(SongState.CANCELLED) == Card("The song was cancelled.")
    failed = card(SongState.FAILED, error_code="render_timeout", error={})
    assert failed.text.startswith("Rendering took too long")
    assert [button.token for line in failed.buttons for button in line] == ["1:retry:9:"]
    assert card(SongState.FAILED, error_code="render_timeout", error={}, notified_at=ROW.due_at) == Card("")
