"""Draw docs/discord-song.png: a song message as Discord shows it, from what the adapter really sends.

Run as `python -m generate.discord_picture`; it renders a song with the sketch engine and reads the embed, the buttons
and the files back from the adapter's own functions.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from PIL import Image, ImageDraw

from bot.discord.outgoing.song_embed import song_embed, song_name
from bot.discord.outgoing.views import view_of
from generate.drawing import SCALE, SHAPES, SYMBOLS, TEXT, at, box, font, wrapped
from generate.sample_song import SampleSong, sample_song

OUTPUT = Path("docs/discord-song.png")
WIDTH, MARGIN = 620, 16
GROUND, CARD, BUTTON, FAINT, LINK = "#313338", "#2b2d31", "#4e5058", "#b5bac1", "#00a8fc"


def main() -> None:
    draw(asyncio.run(sample_song())).save(OUTPUT, optimize=True)


def draw(sent: SampleSong) -> Image.Image:
    """Lay the message out as Discord's dark theme does: name, embed with its picture, file, buttons."""
    picture = Image.new("RGB", (WIDTH * SCALE, 1000 * SCALE), GROUND)
    pen = ImageDraw.Draw(picture)
    left, top = MARGIN + 56, _reply(pen, MARGIN + 56, MARGIN)
    pen.ellipse(box(MARGIN, top, 40, 40), fill="#5865f2")
    pen.text(at(MARGIN + 20, top + 20), "S", font=font(20, bold=True), fill=TEXT, anchor="mm")
    pen.text(at(left, top), "Selfietune", font=font(16, bold=True), fill=TEXT)
    pen.rounded_rectangle(box(left + 100, top + 2, 34, 16), 4 * SCALE, fill="#5865f2")
    pen.text(at(left + 117, top + 10), "APP", font=font(10, bold=True), fill=TEXT, anchor="mm")
    top = _file(pen, sent, left, top + 28)
    top = _embed(picture, pen, sent, left, top + 8)
    top = asyncio.run(_buttons(pen, sent, left, top + 10))
    return picture.crop((0, 0, WIDTH * SCALE, (top + MARGIN) * SCALE))


def _reply(pen: ImageDraw.ImageDraw, left: int, top: int) -> int:
    """Draw the line above an answer: whose message it answers."""
    elbow = [at(MARGIN + 20, top + 18), at(MARGIN + 20, top + 9), at(left - 6, top + 9)]
    pen.line(elbow, fill=BUTTON, width=2 * SCALE, joint="curve")
    pen.ellipse(box(left, top + 1, 16, 16), fill="#eb459e")
    pen.text(at(left + 8, top + 9), "a", font=font(10, bold=True), fill=TEXT, anchor="mm")
    pen.text(at(left + 22, top + 9), "ann", font=font(13, bold=True), fill=FAINT, anchor="lm")
    pen.text(at(left + 56, top + 9), "Click to see attachment", font=font(13), fill=FAINT, anchor="lm")
    _frame(pen, left + 226, top + 3)
    return top + 26


def _frame(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    """Draw the sign of a picture."""
    pen.rounded_rectangle(box(left, top, 15, 12), 2 * SCALE, outline=FAINT, width=SCALE)
    pen.ellipse(box(left + 3, top + 2, 3, 3), fill=FAINT)
    pen.polygon([at(left + 3, top + 10), at(left + 8, top + 5), at(left + 12, top + 10)], fill=FAINT)


def _file(pen: ImageDraw.ImageDraw, sent: SampleSong, left: int, top: int) -> int:
    """Draw the .mp3 with its player."""
    width, seconds = WIDTH - left - MARGIN, int(sent.song.duration_s)
    pen.rounded_rectangle(box(left, top, width, 92), 6 * SCALE, fill=CARD)
    pen.rounded_rectangle(box(left + 14, top + 10, 26, 34), 3 * SCALE, fill="#d3d6fd")
    pen.ellipse(box(left + 19, top + 30, 8, 6), fill="#5865f2")
    pen.line([at(left + 26, top + 33), at(left + 26, top + 18), at(left + 34, top + 21)], fill="#5865f2", width=3)
    pen.text(at(left + 50, top + 9), song_name(sent.song), font=font(14), fill=LINK)
    pen.text(at(left + 50, top + 29), f"{len(sent.mp3) / 1024:.2f} KB", font=font(12), fill=FAINT)
    top += 52
    pen.rounded_rectangle(box(left + 12, top, width - 24, 30), 4 * SCALE, fill="#1e1f22")
    pen.polygon([at(left + 22, top + 9), at(left + 22, top + 21), at(left + 32, top + 15)], fill=FAINT)
    length = f"0:00 / {seconds // 60}:{seconds % 60:02d}"
    pen.text(at(left + 42, top + 15), length, font=font(12), fill=FAINT, anchor="lm")
    pen.rounded_rectangle(box(left + 122, top + 12, width - 176, 6), 3 * SCALE, fill=BUTTON)
    speaker = [(42, 12), (38, 12), (32, 7), (32, 23), (38, 18), (42, 18)]
    pen.polygon([at(left + width - x, top + y) for x, y in speaker], fill=FAINT)
    return top + 40


def _embed(picture: Image.Image, pen: ImageDraw.ImageDraw, sent: SampleSong, left: int, top: int) -> int:
    embed = song_embed(sent.song).to_dict()
    width = WIDTH - left - MARGIN
    lines = [piece for line in embed["description"].split("\n") for piece in wrapped(pen, line, width - 36)]
    waveform = Image.open(io.BytesIO(sent.waveform)).convert("RGB")
    image_height = (width - 32) * waveform.height // waveform.width
    height = 44 + 21 * len(lines) + 12 + image_height + 14
    pen.rounded_rectangle(box(left, top, width, height), 6 * SCALE, fill=CARD)
    pen.rounded_rectangle(box(left, top, 5, height), 3 * SCALE, fill=f"#{embed['color']:06x}")
    pen.text(at(left + 18, top + 13), embed["title"], font=font(17, bold=True), fill=TEXT)
    for number, line in enumerate(lines):
        pen.text(at(left + 18, top + 44 + 21 * number), line, font=font(14), fill=TEXT)
    shown = waveform.resize(((width - 32) * SCALE, image_height * SCALE), Image.Resampling.LANCZOS)
    picture.paste(shown, ((left + 18) * SCALE, (top + 44 + 21 * len(lines) + 12) * SCALE))
    return top + height


async def _buttons(pen: ImageDraw.ImageDraw, sent: SampleSong, left: int, top: int) -> int:
    for row in view_of(sent.song.buttons).to_components():
        edge = left
        for part in row["components"]:
            edge += _button(pen, str(part["label"]), edge, top) + 8
        top += 40
    return top


def _button(pen: ImageDraw.ImageDraw, label: str, left: int, top: int) -> int:
    emoji, _, words = label.partition(" ")
    symbol, text = SYMBOLS.get(emoji, ""), words if emoji in SYMBOLS else label
    width = (
        24 + (16 if symbol else 0) + (6 if symbol and text else 0) + int(pen.textlength(text, font=font(14)) / SCALE)
    )
    pen.rounded_rectangle(box(left, top, width, 32), 5 * SCALE, fill=BUTTON)
    if symbol:
        SHAPES[symbol](pen, left + 12, top + 8)
    pen.text(at(left + 12 + (22 if symbol else 0), top + 16), text, font=font(14), fill=TEXT, anchor="lm")
    return width


if __name__ == "__main__":
    main()
