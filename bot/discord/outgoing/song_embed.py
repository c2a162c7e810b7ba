"""How a finished song looks on Discord: an embed in the mood's colour with the waveform, the .mp3 beside it."""

from __future__ import annotations

import re

import discord

from bot.discord.outgoing.views import cut, plain
from handlers.ports import SongMessage
from pipeline.catalog.mood_colours import MOOD_COLOURS

WAVEFORM_NAME = "waveform.png"
MAX_TITLE = 256  # characters
MAX_DESCRIPTION = 4096


def song_embed(song: SongMessage) -> discord.Embed:
    """Draw the embed; the caption holds a listener's own words, so nothing in it is markup."""
    embed = discord.Embed(
        title=cut(plain(song.title), MAX_TITLE),
        description=cut(plain(song.caption), MAX_DESCRIPTION),
        colour=discord.Colour.from_str(MOOD_COLOURS[song.mood.label]),
    )
    embed.set_image(url=f"attachment://{WAVEFORM_NAME}")
    return embed


def song_name(song: SongMessage) -> str:
    """Name the file by what people may read in a download folder; Discord takes ASCII letters, - _ and dots."""
    words = re.sub(r"[^a-z0-9]+", "-", f"{song.plan.mood}-{song.plan.genre}".lower()).strip("-")
    return f"selfietune-{words[:60]}-{song.song_id}.mp3"
