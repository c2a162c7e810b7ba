"""What Details tells of a song's settings."""

from __future__ import annotations

from handlers.library.details import settings_text


def test_settings_are_told_without_what_was_not_asked_for() -> None:
    params: dict[str, object] = {
        "seed": 7,
        "top_k": 250,
        "melody": None,
        "made_with": {"numpy": "2.1", "revision": "abc"},
        "remarks": [],
    }
    assert settings_text(params) == "top_k 250, numpy 2.1, revision abc"
