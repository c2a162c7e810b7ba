"""Draw docs/telegram-song.png: a selfie and its song as Telegram shows them, from what the bot really sends.

Run as `python -m generate.telegram_picture`; it renders a song with the sketch engine, has the adapter deliver it to
the tests' own Bot API server in answer to the sample selfie, and draws what stands in the chat there.
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from bot.settings import Settings
from bot.telegram.incoming.application import client
from bot.telegram.outgoing.chat import TelegramChat
from bot.telegram.outgoing.flood_control import FloodControl
from bot.telegram.outgoing.messenger import Messenger
from bot.wiring import open_deps
from generate.drawing import SCALE, SHAPES, SYMBOLS, TEXT, at, box, font, wrapped
from generate.sample_song import sample_song
from tests.telegram_server import Message, TelegramServer, serve_telegram

OUTPUT = Path("docs/telegram-song.png")
SELFIE = Path("samples/eileen_collins.jpg")
WIDTH, MARGIN, BUBBLE, PHOTO = 460, 14, 401, 180
GROUND, OURS, KEY, FAINT, ACCENT = "#0e1621", "#182533", "#22354a", "#8a9ba8", "#5eb5f7"


def main() -> None:
    os.environ |= {"NO_PROXY": "127.0.0.1", "PTB_TIMEDELTA": "1"}  # the library's: no proxy to loopback, no warning
    draw(*asyncio.run(_sent())).save(OUTPUT, optimize=True)


async def _sent() -> tuple[Message, Image.Image]:
    """Deliver the sample song to a person's chat; give the message that stands there, and its thumbnail."""
    sample = await sample_song()
    with tempfile.TemporaryDirectory() as folder:
        async with serve_telegram() as server, open_deps(Settings.model_validate({"data_dir": folder})) as deps:
            ann = server.person("Ann")
            selfie = ann.sends_photo(await asyncio.to_thread(SELFIE.read_bytes))
            await deps.media.put(str(sample.song.audio_path), sample.mp3)
            await deps.media.put(str(sample.song.waveform_path), sample.waveform)
            app = client(server.token, api_url=server.url)
            await app.initialize()
            chat = TelegramChat(app.bot, Messenger(app.bot, FloodControl(deps.clock)), deps=deps)
            reply_to = {"chat": str(ann.chat.id), "message": str(selfie.id)}
            await chat.send_song(replace(sample.song, reply_to=reply_to), nonce="picture", repeated=False)
            await app.shutdown()
            (song,) = ann.chat.from_bot("audio")
            return song, _thumbnail(song, server)


def _thumbnail(song: Message, server: TelegramServer) -> Image.Image:
    file = server.world.files.by_id[song.content["audio"]["thumbnail"]["file_id"]]
    return Image.open(io.BytesIO(file.data)).convert("RGB")


def draw(song: Message, thumbnail: Image.Image) -> Image.Image:
    """Lay the chat out as Telegram's night theme does: the selfie on the right, the song below it."""
    picture = Image.new("RGB", (WIDTH * SCALE, 1000 * SCALE), GROUND)
    pen = ImageDraw.Draw(picture)
    top = _selfie(picture, pen, MARGIN)
    top = _song(picture, pen, song, thumbnail, top + 10)
    top = _keys(pen, song, top + 4)
    return picture.crop((0, 0, WIDTH * SCALE, (top + MARGIN) * SCALE))


def _selfie(picture: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> int:
    left = WIDTH - MARGIN - PHOTO
    with Image.open(SELFIE) as opened:
        photo = opened.convert("RGB").resize((PHOTO * SCALE, PHOTO * SCALE), Image.Resampling.LANCZOS)
    _paste(picture, photo, left, top, radius=12)
    pen.rounded_rectangle(box(WIDTH - MARGIN - 48, top + PHOTO - 24, 42, 18), 9 * SCALE, fill="#33475b")
    pen.text(at(WIDTH - MARGIN - 27, top + PHOTO - 15), "12:00", font=font(11), fill=TEXT, anchor="mm")
    return top + PHOTO


def _song(picture: Image.Image, pen: ImageDraw.ImageDraw, song: Message, thumbnail: Image.Image, top: int) -> int:
    audio, (title, *rest) = song.content["audio"], song.text.split("\n")
    lines = [piece for line in rest for piece in wrapped(pen, line, BUBBLE - 28)]
    pen.rounded_rectangle(box(MARGIN, top, BUBBLE, 142 + 21 * len(lines)), 12 * SCALE, fill=OURS)
    left, top = MARGIN + 14, top + 10
    _quote(picture, pen, left, top)
    top += 46
    _paste(picture, thumbnail.resize((44 * SCALE, 44 * SCALE), Image.Resampling.LANCZOS), left, top, radius=22)
    pen.ellipse(box(left + 11, top + 11, 22, 22), fill=ACCENT)
    pen.polygon([at(left + 19, top + 16), at(left + 19, top + 28), at(left + 28, top + 22)], fill=TEXT)
    pen.text(at(left + 56, top + 3), str(audio["title"]), font=font(14, bold=True), fill=TEXT)
    length = f"{audio['duration'] // 60}:{audio['duration'] % 60:02d}"
    pen.text(at(left + 56, top + 24), f"{length} · {audio['performer']}", font=font(12), fill=FAINT)
    top += 54
    pen.text(at(left, top), title, font=font(14, bold=True), fill=TEXT)  # its entity is bold
    for number, line in enumerate(lines, start=1):
        pen.text(at(left, top + 21 * number), line, font=font(14), fill=TEXT)
    return top + 21 * len(lines) + 32


def _quote(picture: Image.Image, pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    """Draw the head of an answer: whose message it answers."""
    pen.rounded_rectangle(box(left, top, BUBBLE - 28, 38), 5 * SCALE, fill="#1f3147")
    pen.rounded_rectangle(box(left, top, 3, 38), SCALE, fill=ACCENT)
    with Image.open(SELFIE) as opened:
        small = opened.convert("RGB").resize((30 * SCALE, 30 * SCALE), Image.Resampling.LANCZOS)
    _paste(picture, small, left + 9, top + 4, radius=4)
    pen.text(at(left + 47, top + 4), "Ann", font=font(12, bold=True), fill=ACCENT)
    pen.text(at(left + 47, top + 20), "Photo", font=font(12), fill=FAINT)


def _keys(pen: ImageDraw.ImageDraw, song: Message, top: int) -> int:
    """Draw the inline keyboard: the keys of a row share the bubble's width."""
    for row in song.markup["inline_keyboard"]:
        width = (BUBBLE - 4 * (len(row) - 1)) // len(row)
        for number, key in enumerate(row):
            _key(pen, str(key["text"]), MARGIN + number * (width + 4), top, width)
        top += 38
    return top


def _key(pen: ImageDraw.ImageDraw, label: str, left: int, top: int, width: int) -> None:
    emoji, _, words = label.partition(" ")
    symbol, text = SYMBOLS.get(emoji, ""), words if emoji in SYMBOLS else label
    pen.rounded_rectangle(box(left, top, width, 34), 8 * SCALE, fill=KEY)
    inner = (16 if symbol else 0) + (6 if symbol and text else 0) + int(pen.textlength(text, font=font(14)) / SCALE)
    edge = left + (width - inner) // 2
    if symbol:
        SHAPES[symbol](pen, edge, top + 9)
    pen.text(at(edge + (22 if symbol else 0), top + 17), text, font=font(14), fill=TEXT, anchor="lm")


def _paste(picture: Image.Image, part: Image.Image, left: int, top: int, *, radius: int) -> None:
    mask = Image.new("L", part.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *part.size), radius * SCALE, fill=255)
    picture.paste(part, (left * SCALE, top * SCALE), mask)


if __name__ == "__main__":
    main()
