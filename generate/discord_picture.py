"""Draw docs/discord-song.png: a song message as Discord shows it, from what the adapter really sends.

Run as `python -m generate.discord_picture`; it renders a song with the sketch engine and reads the embed, the buttons
and the files back from the adapter's own functions.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, ImageDraw, ImageFont

from bot.discord.outgoing.song_embed import song_embed, song_name
from bot.discord.outgoing.views import view_of
from handlers.ports import SongMessage
from handlers.songs.caption import song_buttons, song_caption
from handlers.texts import song_title
from pipeline.audio.finishing import finish
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.brief.draft import draft_brief
from pipeline.brief.personalise import personalise
from pipeline.brief.writer import writing_deadline
from pipeline.values import Mood, PastVote, Plan, RenderParams, Taste

OUTPUT = Path("docs/discord-song.png")
WIDTH, MARGIN, SCALE = 620, 16, 2
GROUND, CARD, BUTTON, TEXT, FAINT, LINK = "#313338", "#2b2d31", "#4e5058", "#f2f3f5", "#b5bac1", "#00a8fc"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
SCORES = {"angry": 0.01, "disgust": 0.0, "fear": 0.01, "happy": 0.92, "sad": 0.02, "surprise": 0.02, "neutral": 0.02}
VOTES = tuple(PastVote("lo-fi", "happy", vote) for vote in ("up", "up", "down", "up", "up"))


@dataclass(frozen=True, slots=True)
class Sent:
    """What one song message carries."""

    song: SongMessage
    mp3: bytes
    waveform: bytes


def main() -> None:
    draw(asyncio.run(_sent())).save(OUTPUT, optimize=True)


async def _sent() -> Sent:
    """Make a song the way the workers do, and the message the way the chat process does."""
    mood = Mood("happy", 0.92, SCORES)  # type: ignore[arg-type]
    plan = await _plan(mood)
    composer = SketchComposer()
    sound = composer.compose(plan, on_progress=lambda _: None, cancelled=lambda: False)
    title = song_title("en", plan.mood, plan.genre)
    done = finish(sound, plan, title=title, artist="Selfietune", engine=composer.name)
    song = SongMessage(
        song_id=42,
        reply_to={},
        locale="en",
        audio_path=PurePosixPath("song.mp3"),
        waveform_path=PurePosixPath("song.png"),
        title=title,
        mood=mood,
        plan=plan,
        engine=composer.name,
        duration_s=done.duration_s,
        caption=song_caption("en", mood=mood, plan=plan, engine=composer.name),
        buttons=song_buttons("en", 42, up=3, down=1),
    )
    return Sent(song, done.mp3, done.waveform_png)


async def _plan(mood: Mood) -> Plan:
    params, deadline = RenderParams(duration_s=30.0, seed=5), writing_deadline(5.0)
    draft = await draft_brief(mood, duration_s=30.0, seed=5, writer=None, deadline=deadline)
    personal = await personalise(
        draft.brief, Taste(votes=VOTES), mood=mood, params=params, writer=None, deadline=deadline
    )
    return personal.plan


def draw(sent: Sent) -> Image.Image:
    """Lay the message out as Discord's dark theme does: name, embed with its picture, file, buttons."""
    picture = Image.new("RGB", (WIDTH * SCALE, 1000 * SCALE), GROUND)
    pen = ImageDraw.Draw(picture)
    left, top = MARGIN + 56, _reply(pen, MARGIN + 56, MARGIN)
    pen.ellipse(_box(MARGIN, top, 40, 40), fill="#5865f2")
    pen.text(_at(MARGIN + 20, top + 20), "S", font=_font(20, bold=True), fill=TEXT, anchor="mm")
    pen.text(_at(left, top), "Selfietune", font=_font(16, bold=True), fill=TEXT)
    pen.rounded_rectangle(_box(left + 100, top + 2, 34, 16), 4 * SCALE, fill="#5865f2")
    pen.text(_at(left + 117, top + 10), "APP", font=_font(10, bold=True), fill=TEXT, anchor="mm")
    top = _file(pen, sent, left, top + 28)
    top = _embed(picture, pen, sent, left, top + 8)
    top = asyncio.run(_buttons(pen, sent, left, top + 10))
    return picture.crop((0, 0, WIDTH * SCALE, (top + MARGIN) * SCALE))


def _reply(pen: ImageDraw.ImageDraw, left: int, top: int) -> int:
    """Draw the line above an answer: whose message it answers."""
    elbow = [_at(MARGIN + 20, top + 18), _at(MARGIN + 20, top + 9), _at(left - 6, top + 9)]
    pen.line(elbow, fill=BUTTON, width=2 * SCALE, joint="curve")
    pen.ellipse(_box(left, top + 1, 16, 16), fill="#eb459e")
    pen.text(_at(left + 8, top + 9), "a", font=_font(10, bold=True), fill=TEXT, anchor="mm")
    pen.text(_at(left + 22, top + 9), "ann", font=_font(13, bold=True), fill=FAINT, anchor="lm")
    pen.text(_at(left + 56, top + 9), "Click to see attachment", font=_font(13), fill=FAINT, anchor="lm")
    _frame(pen, left + 226, top + 3)
    return top + 26


def _frame(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    """Draw the sign of a picture."""
    pen.rounded_rectangle(_box(left, top, 15, 12), 2 * SCALE, outline=FAINT, width=SCALE)
    pen.ellipse(_box(left + 3, top + 2, 3, 3), fill=FAINT)
    pen.polygon([_at(left + 3, top + 10), _at(left + 8, top + 5), _at(left + 12, top + 10)], fill=FAINT)


def _file(pen: ImageDraw.ImageDraw, sent: Sent, left: int, top: int) -> int:
    """Draw the .mp3 with its player."""
    width, seconds = WIDTH - left - MARGIN, int(sent.song.duration_s)
    pen.rounded_rectangle(_box(left, top, width, 92), 6 * SCALE, fill=CARD)
    pen.rounded_rectangle(_box(left + 14, top + 10, 26, 34), 3 * SCALE, fill="#d3d6fd")
    pen.ellipse(_box(left + 19, top + 30, 8, 6), fill="#5865f2")
    pen.line([_at(left + 26, top + 33), _at(left + 26, top + 18), _at(left + 34, top + 21)], fill="#5865f2", width=3)
    pen.text(_at(left + 50, top + 9), song_name(sent.song), font=_font(14), fill=LINK)
    pen.text(_at(left + 50, top + 29), f"{len(sent.mp3) / 1024:.2f} KB", font=_font(12), fill=FAINT)
    top += 52
    pen.rounded_rectangle(_box(left + 12, top, width - 24, 30), 4 * SCALE, fill="#1e1f22")
    pen.polygon([_at(left + 22, top + 9), _at(left + 22, top + 21), _at(left + 32, top + 15)], fill=FAINT)
    length = f"0:00 / {seconds // 60}:{seconds % 60:02d}"
    pen.text(_at(left + 42, top + 15), length, font=_font(12), fill=FAINT, anchor="lm")
    pen.rounded_rectangle(_box(left + 122, top + 12, width - 176, 6), 3 * SCALE, fill=BUTTON)
    speaker = [(42, 12), (38, 12), (32, 7), (32, 23), (38, 18), (42, 18)]
    pen.polygon([_at(left + width - x, top + y) for x, y in speaker], fill=FAINT)
    return top + 40


def _embed(picture: Image.Image, pen: ImageDraw.ImageDraw, sent: Sent, left: int, top: int) -> int:
    embed = song_embed(sent.song).to_dict()
    width = WIDTH - left - MARGIN
    lines = [piece for line in embed["description"].split("\n") for piece in _wrapped(pen, line, width - 36)]
    waveform = Image.open(io.BytesIO(sent.waveform)).convert("RGB")
    image_height = (width - 32) * waveform.height // waveform.width
    height = 44 + 21 * len(lines) + 12 + image_height + 14
    pen.rounded_rectangle(_box(left, top, width, height), 6 * SCALE, fill=CARD)
    pen.rounded_rectangle(_box(left, top, 5, height), 3 * SCALE, fill=f"#{embed['color']:06x}")
    pen.text(_at(left + 18, top + 13), embed["title"], font=_font(17, bold=True), fill=TEXT)
    for number, line in enumerate(lines):
        pen.text(_at(left + 18, top + 44 + 21 * number), line, font=_font(14), fill=TEXT)
    shown = waveform.resize(((width - 32) * SCALE, image_height * SCALE), Image.Resampling.LANCZOS)
    picture.paste(shown, ((left + 18) * SCALE, (top + 44 + 21 * len(lines) + 12) * SCALE))
    return top + height


async def _buttons(pen: ImageDraw.ImageDraw, sent: Sent, left: int, top: int) -> int:
    for row in view_of(sent.song.buttons).to_components():
        at = left
        for part in row["components"]:
            at += _button(pen, str(part["label"]), at, top) + 8
        top += 40
    return top


def _button(pen: ImageDraw.ImageDraw, label: str, left: int, top: int) -> int:
    emoji, _, words = label.partition(" ")
    symbol, text = SYMBOLS.get(emoji, ""), words if emoji in SYMBOLS else label
    width = (
        24 + (16 if symbol else 0) + (6 if symbol and text else 0) + int(pen.textlength(text, font=_font(14)) / SCALE)
    )
    pen.rounded_rectangle(_box(left, top, width, 32), 5 * SCALE, fill=BUTTON)
    if symbol:
        _SHAPES[symbol](pen, left + 12, top + 8)
    pen.text(_at(left + 12 + (22 if symbol else 0), top + 16), text, font=_font(14), fill=TEXT, anchor="lm")
    return width


def _dots(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    for n in range(3):
        pen.ellipse(_box(left + 6 * n, top + 7, 4, 4), fill=TEXT)


def _thumb(pen: ImageDraw.ImageDraw, left: int, top: int, *, up: bool) -> None:
    points = [(0, 7), (4, 7), (8, 0), (10, 1), (9, 6), (15, 6), (14, 15), (4, 15), (0, 15)]
    turned = points if up else [(x, 16 - y) for x, y in points]
    pen.polygon([_at(left + x, top + y) for x, y in turned], fill="#ffcc4d")


def _loop(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    pen.arc(_box(left, top, 16, 16), 30, 330, fill="#55acee", width=3 * SCALE)
    pen.polygon([_at(left + 11, top + 4), _at(left + 18, top + 4), _at(left + 15, top + 10)], fill="#55acee")


def _star(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    points = [(8, 0), (10, 6), (16, 6), (11, 10), (13, 16), (8, 12), (3, 16), (5, 10), (0, 6), (6, 6)]
    pen.polygon([_at(left + x, top + y) for x, y in points], fill="#ffac33")


# The fonts at hand have no colour emoji, so the signs are drawn.
SYMBOLS = {"👍": "up", "👎": "down", "🔁": "loop", "⋯": "dots", "⭐": "star"}
_SHAPES = {
    "up": lambda pen, left, top: _thumb(pen, left, top, up=True),
    "down": lambda pen, left, top: _thumb(pen, left, top, up=False),
    "loop": _loop,
    "dots": _dots,
    "star": _star,
}


def _wrapped(pen: ImageDraw.ImageDraw, line: str, width: int) -> list[str]:
    pieces, current = [], ""
    for word in line.replace("\\", "").split(" "):
        longer = f"{current} {word}".strip()
        if current and pen.textlength(longer, font=_font(14)) > width * SCALE:
            pieces.append(current)
            longer = word
        current = longer
    return [*pieces, current]


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    file = FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return ImageFont.truetype(file, size * SCALE) if file.exists() else ImageFont.load_default(size * SCALE)


def _at(x: float, y: float) -> tuple[float, float]:
    return x * SCALE, y * SCALE


def _box(left: int, top: int, width: int, height: int) -> tuple[int, int, int, int]:
    return left * SCALE, top * SCALE, (left + width) * SCALE, (top + height) * SCALE


if __name__ == "__main__":
    main()
