"""What can be seen in a waveform picture: size, the mood's colour, loud and quiet, letters but no boxes."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageFont

from pipeline.audio.waveform_picture import SIZE, drawable, waveform_png
from pipeline.catalog.mood_colours import MOOD_ACCENTS, MOOD_COLOURS
from pipeline.values import EMOTION_LABELS, EmotionLabel, Plan, Section, Waveform
from tests.pipeline.audio.sounds import plan, sound

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def pixels(raw: Waveform, recipe: Plan, *, title: str = "Sunlit Steps", engine: str = "sketch") -> Pixels:
    with Image.open(io.BytesIO(waveform_png(raw, recipe, title=title, engine=engine))) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", SIZE, "RGB")
        return np.asarray(picture, np.float64)


def near(picture: Pixels, colour: str) -> int:
    """Count the pixels of about a colour."""
    return int((np.abs(picture - ImageColor.getrgb(colour)).max(axis=2) < 20).sum())


@pytest.mark.parametrize("mood", EMOTION_LABELS)
def test_bars_wear_the_moods_colours_on_a_dark_ground(mood: EmotionLabel) -> None:
    picture = pixels(sound("square"), plan(mood=mood))
    assert near(picture[144:276, 40:200], MOOD_COLOURS[mood]) > 2000
    assert near(picture[144:276, 1000:1160], MOOD_ACCENTS[mood]) > 2000
    assert picture[[0, -1]].mean() < 60


def test_moods_have_seven_colours_that_can_be_told_apart() -> None:
    colours = [np.array(ImageColor.getrgb(MOOD_COLOURS[mood])) for mood in EMOTION_LABELS]
    distances = [np.abs(a - b).sum() for i, a in enumerate(colours) for b in colours[:i]]
    assert min(distances) > 90
    assert all(0.2 < (colour @ (0.2126, 0.7152, 0.0722)) / 255 < 0.85 for colour in colours)


def test_loud_parts_stand_taller_than_quiet_ones() -> None:
    raw = sound("square")
    raw.samples[:, : raw.samples.shape[1] // 2] *= 0.1
    lit = pixels(raw, plan())[144:276].max(axis=2) > 120
    quiet, loud = lit[:, 60:560].any(axis=1).sum(), lit[:, 660:1100].any(axis=1).sum()
    assert loud > 3 * quiet > 0


def test_sections_are_marked_where_they_start() -> None:
    parts = (Section(0, 3, "in"), Section(3, 6, "out"))
    recipe = plan()
    picture = pixels(sound("kicks"), replace(recipe, brief=replace(recipe.brief, sections=parts)))
    bare = pixels(sound("kicks"), replace(recipe, brief=replace(recipe.brief, sections=())))
    columns = np.flatnonzero(np.abs(picture - bare)[112:138].sum(axis=(0, 2)) > 1000)
    assert {40, 600} <= {int(c) // 2 * 2 for c in columns}


@pytest.mark.parametrize("title", ["雨后的窗", "🌧️🎹", "", " \x00\n", "\u202e\u200d", "ﷺ"])
def test_title_without_drawable_letters_becomes_the_projects_name(title: str) -> None:
    raw, recipe = sound("kicks"), plan()
    assert np.array_equal(pixels(raw, recipe, title=title), pixels(raw, recipe, title="Selfietune"))


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("雨后的窗 Rain Window 🌧️", "Rain Window"),
        ("Café Überraschung", "Cafe Uberraschung"),
        ("a\tb\x00c", "abc"),
        ("50% & more – ‘ok’…", "50% & more - ‘ok’…"),
    ],
)
def test_only_what_the_font_has_is_drawn(title: str, drawn: str) -> None:
    assert drawable(title, ImageFont.load_default(size=34)) == drawn


@pytest.mark.parametrize("count", [0, 1, 40])
def test_any_number_of_sections_and_any_length_of_text_is_drawn(count: int) -> None:
    recipe = plan()
    parts = tuple(Section(i * 0.15, (i + 1) * 0.15, "words 词语 " * 30) for i in range(count))
    brief = replace(recipe.brief, sections=parts, style="s" * 500, key="♭" * 50)
    picture = pixels(sound("kicks"), replace(recipe, brief=brief), title="W" * 300, engine="e" * 30)
    assert picture[20:60, 40:1000].max() > 200


def test_silence_and_the_shortest_sound_are_drawn() -> None:
    assert pixels(sound("silence"), plan()).shape == pixels(sound("kicks", seconds=1.0), plan()).shape


def test_same_song_same_picture() -> None:
    first, second = (waveform_png(sound("kicks"), plan(), title="t", engine="sketch") for _ in range(2))
    assert first == second
