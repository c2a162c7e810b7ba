"""Drafts from the palette: a mood sounds like itself, its songs differ, a clip's course is heard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.brief.draft import close_second, draft_brief, template_brief
from pipeline.brief.sections import fit_sections
from pipeline.catalog.example_briefs import FAVOURITE_BRIEF, MOOD_BRIEFS
from pipeline.catalog.genres import find_genre
from pipeline.catalog.mood_palettes import MOODS, TOUCH
from pipeline.values import EMOTION_LABELS, EmotionLabel, Mood, MoodSegment, Section


def mood(label: EmotionLabel, confidence: float = 0.76, **others: float) -> Mood:
    scores = {name: others.get(name, 0.01) for name in EMOTION_LABELS} | {label: confidence}
    return Mood(label, confidence, scores)


@pytest.mark.parametrize("label", EMOTION_LABELS)
def test_a_mood_keeps_to_its_tempo_mode_and_words(label: EmotionLabel) -> None:
    sound = MOODS[label]
    for seed in range(40):
        brief = template_brief(mood(label), duration_s=30, seed=seed)
        assert sound.tempo[0] <= brief.bpm <= sound.tempo[1]
        assert brief.key in sound.keys
        assert brief.style in {picture.style for picture in sound.pictures}
        assert 4 <= len(brief.instruments) <= 6
        assert brief.avoid[0] == "vocals"
        assert [section.end_s for section in brief.sections][-1] == 30
        assert len(brief.sections) == 3
        assert brief.description in sound.overall


@pytest.mark.parametrize("label", EMOTION_LABELS)
def test_two_songs_of_one_mood_differ_and_the_same_seed_does_not(label: EmotionLabel) -> None:
    briefs = {template_brief(mood(label), duration_s=30, seed=seed) for seed in range(50)}
    assert len(briefs) >= 49
    assert len({brief.style for brief in briefs}) == len(MOODS[label].pictures)
    assert template_brief(mood(label), duration_s=30, seed=3) == template_brief(mood(label), duration_s=30, seed=3)


@pytest.mark.parametrize("label", EMOTION_LABELS)
def test_the_palette_speaks_of_genres_we_know_and_never_denies_itself(label: EmotionLabel) -> None:
    sound = MOODS[label]
    for picture in sound.pictures:
        found = find_genre(picture.style)
        assert found is not None
        assert found.name == picture.genre
    contrary = set(sound.contrary.split())
    assert not contrary & {word for phrase in (*sound.words, *sound.tints) for word in phrase.split()}
    assert set(TOUCH[label]) == set(TOUCH["sad"])


def test_a_close_second_mood_colours_the_words() -> None:
    mixed = mood("sad", 0.45, happy=0.4)
    assert close_second(mixed) == "happy"
    assert "hopeful" in template_brief(mixed, duration_s=30, seed=1).mood
    angry = template_brief(mood("angry", 0.45, sad=0.4), duration_s=30, seed=1)
    assert angry.mood == "driving, restrained, bittersweet"
    assert close_second(mood("sad", 0.7, happy=0.2)) is None


@pytest.mark.parametrize(("label", "word"), [("angry", "restrained"), ("sad", "gentle"), ("fear", "restrained")])
def test_an_unsure_reading_speaks_softly(label: EmotionLabel, word: str) -> None:
    sure, unsure = mood(label, 0.8), mood(label, 0.4)
    soft = template_brief(unsure, duration_s=30, seed=2)
    assert word in soft.mood
    assert abs(soft.bpm - 96) < abs(template_brief(sure, duration_s=30, seed=2).bpm - 96)


def test_a_clip_from_sad_to_happy_lifts_at_the_end() -> None:
    course = (MoodSegment(0, 7, "sad", 0.8), MoodSegment(7, 12, "happy", 0.7))
    brief = template_brief(replace(mood("sad"), segments=course), duration_s=30, seed=1)
    assert "lift" in brief.sections[-1].text
    assert brief.sections[-1].start_s == pytest.approx(30 * 7 / 12, abs=2)
    assert brief.key is not None
    assert brief.key.endswith("minor")


@pytest.mark.parametrize("duration_s", [5, 5.9, 6, 8.5, 9, 12, 29.97, 45, 60, 75, 119.5, 120])
def test_sections_cover_any_duration(duration_s: float) -> None:
    sections = template_brief(mood("happy"), duration_s=duration_s, seed=1).sections
    assert sections[0].start_s == 0
    assert sections[-1].end_s == duration_s
    assert all(section.end_s - section.start_s >= 3 for section in sections)
    assert len(sections) == (
        1 if duration_s < 6 else 2 if duration_s < 9 else 3 if duration_s < 45 else 4 if duration_s < 75 else 5
    )


def test_a_short_song_keeps_the_main_part_and_the_ending() -> None:
    proposed = [Section(0, 8, "intro"), Section(8, 22, "theme"), Section(22, 30, "end")]
    assert [section.text for section in fit_sections(proposed, 8)] == ["theme", "end"]
    assert [section.text for section in fit_sections(proposed, 5)] == ["theme"]


def test_sections_without_sense_are_laid_out_evenly() -> None:
    proposed = [Section(float("nan"), 4, "a"), Section(90, 2, "b"), Section(5, float("inf"), "c")]
    fitted = fit_sections(proposed, 30)
    assert [(section.start_s, section.end_s) for section in fitted] == [(0, 10), (10, 20), (20, 30)]


async def test_without_a_writer_the_draft_says_so() -> None:
    draft = await draft_brief(mood("fear"), duration_s=20, seed=8, writer=None)
    assert (draft.source, draft.why) == ("template", "no_writer")
    assert draft.brief == template_brief(mood("fear"), duration_s=20, seed=8)


def test_the_references_are_whole() -> None:
    assert set(MOOD_BRIEFS) == set(EMOTION_LABELS)
    for brief in (*MOOD_BRIEFS.values(), FAVOURITE_BRIEF):
        assert fit_sections(brief.sections, 30) == brief.sections
