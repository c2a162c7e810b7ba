"""The picture under a song: its waveform in the mood's colours, sections marked. Called by finishing.

Only Pillow's own font is on every machine. It has Latin letters, so other scripts and emoji are left out of the
picture; tags and captions keep them.
"""

from __future__ import annotations

import io
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from pipeline.catalog.mood_colours import MOOD_ACCENTS, MOOD_COLOURS
from pipeline.values import Plan, Section, Waveform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont  # Pillow without FreeType has only the second
    Colour = tuple[int, int, int]

SIZE = (1200, 320)
_LEFT, _RIGHT = 40, 1160
_TOP, _BOTTOM = 144, 276  # of the waveform
_BAR, _STEP = 5, 8  # width, and distance from one bar to the next: 140 bars
_FINE = 2  # shapes are drawn twice as large, then reduced, because Pillow draws hard edges
_WHITE: Colour = (244, 245, 250)
_GREY: Colour = (160, 165, 184)
_BACKGROUND: Colour = (17, 18, 25)
_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―−"}  # the font has none of them


def waveform_png(sound: Waveform, plan: Plan, *, title: str, engine: str) -> bytes:
    """Draw a finished song; PNG, 1200 × 320 pixels, some 40 kB. Accepts any text."""
    ends = _rgb(MOOD_COLOURS[plan.mood]), _rgb(MOOD_ACCENTS[plan.mood])
    picture = _background(ends[0])
    _bars(picture, *_levels(sound), ends)
    _header(picture, plan, title=title, engine=engine, colour=ends[0])
    draw = ImageDraw.Draw(picture)
    _sections(draw, plan.brief.sections, sound.duration_s)
    small = ImageFont.load_default(size=15)
    draw.text((_LEFT, 300), "0:00", _GREY, small, anchor="lm")
    draw.text((_RIGHT, 300), _clock(sound.duration_s), _GREY, small, anchor="rm")
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _levels(sound: Waveform) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute each bar's height from its peak and from its RMS, in [0, 1]; quiet bars are drawn a little too small."""
    count = (_RIGHT - _LEFT) // _STEP
    edges = np.linspace(0, sound.samples.shape[1], count + 1).astype(int)[:-1]
    loud = np.abs(sound.samples).max(axis=0)
    peaks = np.maximum.reduceat(loud, edges).astype(np.float64)
    power = np.add.reduceat(np.square(loud, dtype=np.float64), edges)
    rms = np.sqrt(power / np.diff([*edges, len(loud)]))
    # The peaks of a mastered song reach the ceiling in most bars, so the height follows the RMS as well.
    rms = rms / max(float(rms.max()), 1e-9)
    return 0.45 * peaks / max(float(peaks.max()), 1e-9) * rms**0.3 + 0.55 * rms, 0.72 * rms**1.15


def _background(colour: Colour) -> Image.Image:
    """Draw the dark background, with a little of the mood's colour towards the bottom."""
    share = np.linspace(0, 1, SIZE[1])[:, None] ** 1.6 * 0.13
    rows = (1 - share) * np.array(_BACKGROUND) + share * np.array(colour)
    return Image.fromarray(np.repeat(np.rint(rows).astype(np.uint8)[:, None, :], SIZE[0], axis=1), "RGB")


def _bars(
    picture: Image.Image, peaks: NDArray[np.float64], levels: NDArray[np.float64], ends: tuple[Colour, Colour]
) -> None:
    """Draw rounded bars on the middle line: the peak dim, the RMS bright inside."""
    size = (_RIGHT - _LEFT, _BOTTOM - _TOP)
    area = picture.crop((_LEFT, _TOP, _RIGHT, _BOTTOM)).resize(
        (size[0] * _FINE, size[1] * _FINE), Image.Resampling.BILINEAR
    )
    draw = ImageDraw.Draw(area)
    middle, half = area.height / 2, area.height / 2 - 1
    for index, (peak, rms) in enumerate(zip(peaks, levels, strict=True)):
        colour = _mix(*ends, index / len(peaks))
        left, width = index * _STEP * _FINE, _BAR * _FINE
        for share, fill in ((peak, _mix(_BACKGROUND, colour, 0.5)), (rms, colour)):
            reach = max(half * min(share, 1.0), width / 2)
            draw.rounded_rectangle((left, middle - reach, left + width - 1, middle + reach), width / 2, fill)
    picture.paste(area.reduce(_FINE), (_LEFT, _TOP))


def _header(picture: Image.Image, plan: Plan, *, title: str, engine: str, colour: Colour) -> None:
    large, middle, small = (ImageFont.load_default(size=size) for size in (34, 19, 17))
    draw = ImageDraw.Draw(picture)
    mood_width = round(draw.textlength(plan.mood, middle))
    _pill(picture, (_RIGHT - mood_width - 30, 23, _RIGHT, 57), _mix(_BACKGROUND, colour, 0.24))
    draw.text((_RIGHT - 15, 40), plan.mood, colour, middle, anchor="rm")
    name = drawable(title, large) or "Selfietune"
    draw.text((_LEFT, 40), _fitted(draw, name, large, _RIGHT - _LEFT - mood_width - 60), _WHITE, large, anchor="lm")
    engine_name = drawable(engine, small)
    draw.text((_RIGHT, 82), engine_name, _GREY, small, anchor="rm")
    facts = "  ·  ".join(_facts(plan, small))
    room = _RIGHT - _LEFT - draw.textlength(engine_name, small) - 30
    draw.text((_LEFT, 82), _fitted(draw, facts, small, room), _GREY, small, anchor="lm")


def _pill(picture: Image.Image, box: tuple[int, int, int, int], fill: Colour) -> None:
    area = picture.crop(box)
    area = area.resize((area.width * _FINE, area.height * _FINE))
    ImageDraw.Draw(area).rounded_rectangle((0, 0, area.width - 1, area.height - 1), area.height / 2, fill)
    picture.paste(area.reduce(_FINE), box[:2])


def _facts(plan: Plan, font: Font) -> Iterator[str]:
    yield f"{plan.brief.bpm} BPM"
    if plan.brief.key:
        yield drawable(plan.brief.key.replace("♯", "#").replace("♭", "b"), font)
    if style := drawable(plan.brief.style, font):
        yield style


def _sections(draw: ImageDraw.ImageDraw, sections: tuple[Section, ...], duration_s: float) -> None:
    """Mark where each section starts, with as much of its text as fits before the next."""
    font = ImageFont.load_default(size=15)
    starts = [_LEFT + (_RIGHT - _LEFT) * part.start_s / duration_s for part in sections]
    for part, left, following in zip(sections, starts, [*starts, _RIGHT + 10][1:], strict=True):
        if not _LEFT <= left < _RIGHT - 8:
            continue
        draw.line((left, 114, left, _TOP - 8), _mix(_BACKGROUND, _GREY, 0.55), 2)
        label = _fitted(draw, f"{_clock(part.start_s)}  {drawable(part.text, font)}", font, following - left - 20)
        draw.text((left + 8, 124), label, _GREY, font, anchor="lm")


def drawable(text: str, font: Font) -> str:
    """Leave out what the font has no glyph for, first the accent alone ("é" → "e")."""
    missing = _glyph(font, "\U0010ffff")

    def has(character: str) -> bool:
        return character == " " or (character.isprintable() and _glyph(font, character) != missing)

    letters = (
        character if has(character) else unicodedata.normalize("NFKD", character)[:1]
        for character in unicodedata.normalize("NFC", text[:200].translate(_DASHES))
    )
    return " ".join("".join(letter for letter in letters if has(letter)).split()).strip(" -·|,/")


def _glyph(font: Font, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


def _fitted(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """Shorten a text to the width, with an ellipsis."""
    if draw.textlength(text, font) <= width:
        return text
    fitting = bisect_right(range(len(text)), width, key=lambda end: draw.textlength(text[:end] + "…", font)) - 1
    return text[:fitting].rstrip(" ,·") + "…" if fitting > 0 else ""


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def _rgb(colour: str) -> Colour:
    red, green, blue, *_ = ImageColor.getrgb(colour)
    return red, green, blue


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
