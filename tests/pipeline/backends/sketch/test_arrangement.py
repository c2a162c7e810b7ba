"""What the sketch engine writes down: instruments, drums, harmony, form; odd briefs never break it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.backends.sketch.arrangement import arrange, style_of
from pipeline.backends.sketch.band import form_band
from pipeline.backends.sketch.harmony import chord_named, voice
from pipeline.backends.sketch.instruments import avoided_programs, avoids_drums, read_seat
from pipeline.backends.sketch.keys import SCALES, choose_key, read_key
from pipeline.backends.sketch.rhythm import GROOVES
from pipeline.backends.sketch.score import Key
from pipeline.backends.sketch.styles import STYLES, read_style
from pipeline.catalog.genres import GENRES
from pipeline.values import EMOTION_LABELS, Brief, Section
from tests.pipeline.backends.sketch.plans import ANGRY, BALLAD, HAPPY, SAD, compose, plan_of

A_MINOR = Key(9, "minor", SCALES["minor"])


@pytest.mark.parametrize(
    ("words", "tonic", "mode"),
    [
        ("A minor", 9, "minor"),
        ("F# dorian", 6, "dorian"),
        ("H minor", 11, "minor"),
        ("C♯ minor", 1, "minor"),
        ("Bb major", 10, "major"),
        ("E-flat major", 3, "major"),
        ("D♭", 1, "major"),
        ("Am", 9, "minor"),
        ("F sharp harmonic minor", 6, "minor"),
        ("g mixolydian", 7, "mixolydian"),
    ],
)
def test_keys_are_read(words: str, tonic: int, mode: str) -> None:
    key = read_key(words)
    assert key is not None
    assert (key.tonic, key.mode) == (tonic, mode)


@pytest.mark.parametrize("words", [None, "", "open", "atonal", "any key", "🎵", "bright"])
def test_words_that_name_no_key(words: str | None) -> None:
    assert read_key(words) is None


def test_mood_and_bans_choose_the_mode() -> None:
    assert all(choose_key("sad", seed, bans=frozenset()).minor for seed in range(20))
    assert all(not choose_key("happy", seed, bans=frozenset()).minor for seed in range(20))
    assert all(choose_key("happy", seed, bans=frozenset({"major"})).minor for seed in range(20))
    assert len({choose_key("sad", seed, bans=frozenset()).tonic for seed in range(20)}) > 3


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("melancholic lofi piano", "lofi"),
        ("dark industrial", "industrial"),
        ("aggressive heavy rock/metal", "metal"),
        ("cinematic suspense cue", "cinematic"),
        ("cheerful upbeat pop/EDM", "edm"),
        ("smooth contemporary R&B instrumental", "rnb"),
        ("2000s Mandopop R&B ballad", "rnb"),
        ("city pop", "city pop"),
        ("liquid drum and bass", "drum and bass"),
        ("bossa nova", "bossa"),
        ("slow waltz", "waltz"),
        ("boom bap hip-hop", "hip hop"),
        ("suspenseful heavy rock", "rock"),
        ("zydeco polka-core", "pop"),
    ],
)
def test_styles_are_read(words: str, name: str) -> None:
    assert read_style(words).name == name


def test_a_genre_is_played_like_its_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(replace(SAD, style="melancholic fado"))
    assert style_of(replace(plan, genre="fado")) != read_style("house")
    row = replace(GENRES[0], name="fado", aliases=(), plays_like="house")
    monkeypatch.setattr("pipeline.backends.sketch.arrangement.genre_named", {"fado": row}.get)
    assert style_of(replace(plan, genre="fado")) == read_style("house")


def test_hints_help_where_the_style_says_nothing() -> None:
    assert read_style("something wonderful", hints="Jazz").name == "bebop"


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("warm Rhodes chords", 4),
        ("nylon guitar", 24),
        ("distorted rhythm guitars", 30),
        ("deep sub-bass", 39),
        ("warm bass", 33),
        ("low strings", 42),
        ("clean jazz guitar licks", 26),
        ("tenor saxophone", 66),
        ("guzheng", 107),
    ],
)
def test_instruments_are_read(words: str, program: int) -> None:
    seat = read_seat(words)
    assert seat is not None
    assert seat.program == program


@pytest.mark.parametrize("words", ["punchy kick", "snappy claps", "vinyl hiss", "qwertyuiop", ""])
def test_drums_noises_and_nonsense_take_no_seat(words: str) -> None:
    assert read_seat(words) is None


@pytest.mark.parametrize(
    ("brief", "programs"),
    [(SAD, {0, 89}), (ANGRY, {30, 34, 81}), (HAPPY, {25, 81, 80, 33}), (BALLAD, {4, 27, 88, 39})],
)
@pytest.mark.parametrize("duration_s", [5.0, 30.0])
def test_instruments_of_the_brief_play(brief: Brief, programs: set[int], duration_s: float) -> None:
    tracks = arrange(plan_of(brief, duration_s=duration_s)).tracks
    assert programs <= {track.program for track in tracks if track.notes and not track.is_drums}


def test_what_is_avoided_does_not_play() -> None:
    brief = replace(BALLAD, avoid=("drums", "Rhodes", "pads", "sub-bass"))
    tracks = arrange(plan_of(brief)).tracks
    assert not any(track.is_drums for track in tracks)
    played = {track.program for track in tracks}
    assert not played & {4, 39, *range(88, 96)}
    assert {track.role for track in tracks} >= {"bass", "chords", "lead"}


def test_only_drums_as_such_silence_the_drummer() -> None:
    assert avoids_drums(("vocals", "drums"))
    assert avoids_drums(("any percussion",))
    assert not avoids_drums(("heavy drums", "upbeat drums", "drum and bass"))
    assert form_band(SAD, read_style(SAD.style)).gentle
    assert not form_band(ANGRY, read_style(ANGRY.style)).gentle


def test_avoided_families_are_wide() -> None:
    assert {29, 30} <= avoided_programs(("heavy metal guitars",))
    assert 81 in avoided_programs(("EDM supersaws",))
    assert not avoided_programs(("major chords", "melody", "upbeat drums"))


def test_ambient_has_no_drums_unless_asked() -> None:
    calm = replace(SAD, style="ambient", instruments=("warm pads",), avoid=())
    assert not any(track.is_drums for track in arrange(plan_of(calm)).tracks)
    asked = replace(calm, instruments=("warm pads", "soft percussion"))
    assert any(track.is_drums for track in arrange(plan_of(asked)).tracks)


def test_metal_chorus_has_double_kicks() -> None:
    score = arrange(plan_of(ANGRY, mood="angry", duration_s=30))
    rates = [
        sum(part.start_s <= kick < min(part.end_s, score.last_s) for kick in score.kicks_s)
        / (min(part.end_s, score.last_s) - part.start_s)
        for part in score.passages
    ]
    assert rates[2] > 1.4 * rates[1] > 1.4 * rates[0]


def test_energy_follows_the_section_texts() -> None:
    intro, main, lift = (part.energy for part in arrange(plan_of(ANGRY, duration_s=30)).passages)
    assert intro < main < lift


def test_everybody_lands_on_the_tonic() -> None:
    for mood in EMOTION_LABELS:
        score = arrange(plan_of(replace(SAD, key="A minor"), mood=mood, duration_s=20))
        last = {note.pitch % 12 for track in score.tracks if track.role in ("bass", "chords")
                for note in track.notes if note.start_s > score.last_s - 0.1}  # fmt: skip
        assert 9 in last
        bass = next(track for track in score.tracks if track.role == "bass")
        assert bass.notes[-1].pitch % 12 == 9


def test_beats_lie_on_the_grid_of_the_tempo() -> None:
    score = arrange(plan_of(replace(ANGRY, bpm=120), duration_s=20))
    drums = next(track for track in score.tracks if track.is_drums)
    offsets = [abs((note.start_s / 0.125) - round(note.start_s / 0.125)) * 0.125 for note in drums.notes]
    assert max(offsets) < 0.012


def test_sevenths_stay_in_the_key_and_v_is_dominant() -> None:
    assert chord_named("bVI", A_MINOR, extensions=1).tones == (5, 9, 0, 4)
    assert chord_named("V", A_MINOR, extensions=1).tones == (4, 8, 11, 2)
    assert chord_named("iv", A_MINOR).tones == (2, 5, 9)


def test_voices_move_little() -> None:
    first = voice(chord_named("i", A_MINOR), ())
    second = voice(chord_named("bVI", A_MINOR), first)
    assert sum(abs(a - b) for a, b in zip(first, second, strict=True)) <= 3


def test_every_style_finds_its_parts() -> None:
    for style in STYLES:
        brief = replace(SAD, style=style.name, instruments=(), avoid=())
        assert read_style(style.name).groove in GROOVES
        assert len(arrange(plan_of(brief)).tracks) >= 3


briefs = st.builds(
    Brief,
    style=st.one_of(st.sampled_from([style.name for style in STYLES]), st.text(max_size=20)),
    mood=st.just("odd"),
    bpm=st.integers(40, 220),
    key=st.one_of(st.none(), st.sampled_from(["F# dorian", "H minor", "C♯ minor", "Gb locrian"]), st.text(max_size=8)),
    instruments=st.lists(
        st.one_of(
            st.sampled_from(["piano", "violin lead", "kick", "vinyl hiss", "bass", "arps"]),
            st.text(max_size=12),
        ),
        max_size=12,
    ).map(tuple),
    sections=st.lists(st.sampled_from(["intro", "riser", "drop", "soft outro", "", "🎵"]), max_size=8).map(
        lambda texts: tuple(Section(index * 3.0, index * 3.0 + 3.0, text) for index, text in enumerate(texts))
    ),
    mix=st.lists(st.sampled_from(["warm", "bright", "wide", "dry", "saturated"]), max_size=3).map(tuple),
    avoid=st.lists(st.sampled_from(["drums", "bass", "pads", "piano", "leads", "synths", "x"]), max_size=6).map(tuple),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    brief=briefs,
    seed=st.integers(-1, 2**63),
    duration_s=st.floats(5, 120),
    mood=st.sampled_from(EMOTION_LABELS),
)
def test_any_brief_becomes_a_playable_score(brief: Brief, seed: int, duration_s: float, mood: str) -> None:
    score = arrange(plan_of(brief, mood=mood, seed=seed, duration_s=duration_s))  # type: ignore[arg-type]
    assert score.passages[0].start_s == 0
    assert score.passages[-1].end_s == pytest.approx(duration_s)
    assert all(a.end_s == b.start_s for a, b in zip(score.passages, score.passages[1:], strict=False))
    for track in score.tracks:
        assert 0 <= track.program < 128
        for note in track.notes:
            assert 0 <= note.start_s < note.end_s <= duration_s
            assert 0 <= note.pitch < 128
            assert 1 <= note.velocity < 128


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(brief=briefs, seed=st.integers(0, 2**32), mood=st.sampled_from(EMOTION_LABELS))
def test_any_brief_sounds_and_never_clips(brief: Brief, seed: int, mood: str) -> None:
    song = compose(plan_of(brief, mood=mood, seed=seed, duration_s=5))  # type: ignore[arg-type]
    assert np.isfinite(song.samples).all()
    assert 0.05 < np.abs(song.samples).max() <= 0.9
