"""Tags and recipes: what a player shows, and what of the plan is in the file."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from mutagen.id3 import ID3

from pipeline.audio.mp3 import tag_length
from pipeline.audio.recipe_tag import id3_key, write_recipe
from pipeline.values import Plan, Reason
from tests.pipeline.audio.recipe import recipe_in
from tests.pipeline.audio.sounds import plan

FRAMES = b"\xff\xfb\x90\x00" + bytes(400)


def tagged(recipe: Plan, **options: str) -> bytes:
    return write_recipe(FRAMES, recipe, **{"title": "雨 🌧", "artist": "小明 ✨", "engine": "sketch", **options})


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


def test_the_recipe_is_the_plan_without_the_votes_that_led_to_it() -> None:
    song = tagged(plan())
    assert recipe_in(song) == replace(plan(), reason=Reason("mood"))
    assert b"liked" not in song.replace(b'"liked":0', b"")
    assert song.endswith(FRAMES)


def test_writing_again_replaces_the_tags() -> None:
    once = tagged(plan())
    assert write_recipe(once, plan(), title="雨 🌧", artist="小明 ✨", engine="sketch") == once


def test_server_folders_stay_private() -> None:
    own = replace(plan(), params=replace(plan().params, model="/srv/secret/models/my-model"))
    song = tagged(own)
    assert recipe_in(song).params.model == "my-model"
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
def test_a_tag_is_never_longer_than_its_file(file: bytes) -> None:
    assert 0 <= tag_length(file) <= len(file)
