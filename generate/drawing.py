"""Where the pictures put their lines: sizes in points, drawn twice as large; letters, and signs that fonts lack."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageDraw, ImageFont

SCALE = 2
TEXT = "#f2f3f5"
FONTS = Path("/usr/share/fonts/truetype/dejavu")


def _dots(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    for n in range(3):
        pen.ellipse(box(left + 6 * n, top + 7, 4, 4), fill=TEXT)


def _thumb(pen: ImageDraw.ImageDraw, left: int, top: int, *, up: bool) -> None:
    points = [(0, 7), (4, 7), (8, 0), (10, 1), (9, 6), (15, 6), (14, 15), (4, 15), (0, 15)]
    turned = points if up else [(x, 16 - y) for x, y in points]
    pen.polygon([at(left + x, top + y) for x, y in turned], fill="#ffcc4d")


def _loop(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    pen.arc(box(left, top, 16, 16), 30, 330, fill="#55acee", width=3 * SCALE)
    pen.polygon([at(left + 11, top + 4), at(left + 18, top + 4), at(left + 15, top + 10)], fill="#55acee")


def _star(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    points = [(8, 0), (10, 6), (16, 6), (11, 10), (13, 16), (8, 12), (3, 16), (5, 10), (0, 6), (6, 6)]
    pen.polygon([at(left + x, top + y) for x, y in points], fill="#ffac33")


# The fonts at hand have no colour emoji, so the signs are drawn.
SYMBOLS = {"👍": "up", "👎": "down", "🔁": "loop", "⋯": "dots", "⭐": "star"}
SHAPES = {
    "up": lambda pen, left, top: _thumb(pen, left, top, up=True),
    "down": lambda pen, left, top: _thumb(pen, left, top, up=False),
    "loop": _loop,
    "dots": _dots,
    "star": _star,
}


def wrapped(pen: ImageDraw.ImageDraw, line: str, width: int) -> list[str]:
    pieces, current = [], ""
    for word in line.replace("\\", "").split(" "):
        longer = f"{current} {word}".strip()
        if current and pen.textlength(longer, font=font(14)) > width * SCALE:
            pieces.append(current)
            longer = word
        current = longer
    return [*pieces, current]


def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    file = FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(file, size * SCALE) if file.exists() else ImageFont.load_default(size * SCALE)


def at(x: float, y: float) -> tuple[float, float]:
    return x * SCALE, y * SCALE


def box(left: int, top: int, width: int, height: int) -> tuple[int, int, int, int]:
    return left * SCALE, top * SCALE, (left + width) * SCALE, (top + height) * SCALE
