"""The square picture in Telegram's music player: the song's waveform on a ground of its mood's colours."""

from __future__ import annotations

import io

from PIL import Image, ImageColor

from pipeline.catalog.mood_colours import MOOD_ACCENTS, MOOD_COLOURS
from pipeline.values import EmotionLabel

SIDE = 320  # pixels; Telegram takes no more, and at most 200 kB of JPEG


def thumbnail(waveform_png: bytes, mood: EmotionLabel) -> bytes:
    """Draw the thumbnail of a song, JPEG, about 10 kB."""
    ground = _gradient(MOOD_COLOURS[mood], MOOD_ACCENTS[mood])
    with Image.open(io.BytesIO(waveform_png)) as opened:
        waveform = opened.convert("RGB")
    waveform.thumbnail((SIDE, SIDE))
    ground.paste(waveform, (0, (SIDE - waveform.height) // 2))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=85)
    return out.getvalue()


def _gradient(top: str, bottom: str) -> Image.Image:
    above, below = (Image.new("RGB", (SIDE, SIDE), ImageColor.getrgb(each)) for each in (top, bottom))
    return Image.composite(below, above, Image.linear_gradient("L").resize((SIDE, SIDE)))
