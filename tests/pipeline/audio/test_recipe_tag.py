"""Tags and recipes: what a player shows, what comes back, and what a stranger's file can do (nothing)."""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import asdict, replace
from typing import Any

import pytest
from mutagen.id3 import ID3, TXXX

from pipeline.audio.recipe_tag import RECIPE_FRAME, id3_key, read_recipe, write_recipe
from pipeline.errors import BadInput
from pipeline.values import Plan, Reason
from tests.pipeline.audio.sounds import plan

FRAMES = b"\xff\xfb\x90\x00" + bytes(400)


def tagged(recipe: Plan, **options: str) -> bytes:
    return write_recipe(FRAMES, recipe, **{"title": "雨 🌧", "artist": "小明 ✨", "engine": "sketch", **options})


def holding(text: str) -> bytes:
    """Make a file with any text in place of the recipe."""
    tags, file = ID3(), io.BytesIO(FRAMES)
    tags.add(TXXX(encoding=3, desc=RECIPE_FRAME, text=[text]))
    tags.save(file)
    return file.getvalue()


def recipe(**changes: Any) -> str:
    """Write a good recipe with changes by dotted place: recipe(**{"plan.params.seed": -1})."""
    document: dict[str, Any] = {
        "version": 1,
        "engine": "sketch",
        "plan": asdict(replace(plan(), reason=Reason("mood"))),
    }
    for place, value in changes.items():
        *way, last = place.split(".")
        spot = document
        for step in way:
            spot = spot[step]
        spot[last] = value
    return json.dumps(document)


def refusal(song: bytes) -> str:
    with pytest.raises(BadInput) as failure:
        read_recipe(song)
    return failure.value.code


def test_players_see_the_song() -> None:
    tags = ID3(io.BytesIO(tagged(plan(), licence_note="AI-generated. CC BY-NC 4.0")))
    assert {name: str(tags[name]) for name in ("TIT2", "TPE1", "TALB", "TBPM", "TKEY", "TCON")} == {
        "TIT2": "雨 🌧",
        "TPE1": "小明 ✨",
        "TALB": "Selfietune",
        "TBPM": "124",
        "TKEY": "C",
        "TCON": "pop",
    }
    assert tags["COMM::eng"].text == ["Made by Selfietune (sketch). A bright, playful cheerful pop track."]
    assert tags["USER:eng"].text == "AI-generated. CC BY-NC 4.0"


def test_no_licence_note_and_no_key_leave_no_frame() -> None:
    tags = ID3(io.BytesIO(tagged(plan(key=None))))
    assert "USER:eng" not in tags
    assert "TKEY" not in tags


def test_plan_comes_back_without_the_votes_that_led_to_it() -> None:
    song = tagged(plan())
    assert read_recipe(song) == replace(plan(), reason=Reason("mood"))
    assert b"liked" not in song.replace(b'"liked":0', b"")
    assert song.endswith(FRAMES)


def test_writing_again_replaces_the_tags() -> None:
    once = tagged(plan())
    assert write_recipe(once, plan(), title="雨 🌧", artist="小明 ✨", engine="sketch") == once


def test_server_folders_stay_private() -> None:
    own = replace(plan(), params=replace(plan().params, model="/srv/secret/models/my-model"))
    song = tagged(own)
    assert read_recipe(song).params.model == "my-model"
    assert b"secret" not in song


def test_control_characters_cannot_split_a_tag() -> None:
    tags = ID3(io.BytesIO(tagged(plan(), title="one\x00two\nthree" + "x" * 500)))
    assert len(tags["TIT2"].text) == 1
    assert str(tags["TIT2"]).startswith("one two three")
    assert len(str(tags["TIT2"])) == 200


@pytest.mark.parametrize(
    ("key", "tag"),
    [
        ("C major", "C"),
        ("A minor", "Am"),
        ("f# minor", "F#m"),
        ("B♭ major", "Bb"),
        ("Ebm", "Ebm"),
        ("H dur", None),
        ("", None),
        (None, None),
    ],
)
def test_keys_take_three_characters(key: str | None, tag: str | None) -> None:
    assert id3_key(key) == tag


def test_good_recipe_is_read_with_unknown_extras() -> None:
    assert read_recipe(holding(recipe(extra="from a later release"))).brief.bpm == 124


@pytest.mark.parametrize(
    "changes",
    [
        {"plan.params.duration_s": 1e9},
        {"plan.params.duration_s": float("nan")},
        {"plan.params.seed": -1},
        {"plan.params.seed": 2**64},
        {"plan.params.temperature": float("inf")},
        {"plan.params.model": "../../etc/passwd"},
        {"plan.params.model": "/srv/models/x"},
        {"plan.params.model": "https://example.org/x"},
        {"plan.params": None},
        {"plan.brief.bpm": "fast"},
        {"plan.brief.bpm": 10**9},
        {"plan.brief.instruments": ["x"] * 1000},
        {"plan.brief.sections": [{"start_s": 5, "end_s": 1, "text": "back"}]},
        {"plan.prompt": "x" * 5000},
        {"plan.prompt": "bell\x07"},
        {"plan.mood": "hungry"},
        {"plan": []},
        {"version": 0},
        {"version": "1; DROP TABLE"},
    ],
)
def test_values_we_would_not_write_are_refused(changes: dict[str, Any]) -> None:
    assert refusal(holding(recipe(**changes))) == "bad_recipe"


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[" * 100_00, '{"version":1}', "\ud83d".encode("utf-16", "surrogatepass").hex()]
)
def test_texts_that_are_no_recipe_are_refused(text: str) -> None:
    assert refusal(holding(text)) in {"bad_recipe", "untagged"}


def test_later_version_is_named() -> None:
    with pytest.raises(BadInput) as failure:
        read_recipe(holding(recipe(version=2)))
    assert (failure.value.code, failure.value.facts) == ("newer_recipe", {"version": 2})


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"ID3",
        FRAMES,
        b"ID3\x04\x00\x00\x00\x00\x00\x00",
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(1000),
        b"ID3\x09\x00\xff\x00\x00\x02\x00" + b"\xff" * 300,
        b"\x89PNG\r\n",
    ],
)
def test_other_files_have_no_recipe(file: bytes) -> None:
    assert refusal(file) == "untagged"


def test_every_truncation_of_a_song_is_refused_or_read() -> None:
    song = tagged(plan())
    for end in range(0, len(song) - len(FRAMES), 17):
        assert refusal(song[:end]) in {"untagged", "bad_recipe"}


def test_huge_tag_is_not_even_parsed() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    assert refusal(holding("x" * 200_000) + bomb) == "untagged"
