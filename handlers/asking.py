"""An unsure mood is asked about: the answer moves the song on, and so does its absence."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.events import Sender
from pipeline.values import EmotionLabel


async def answer_mood(song_id: int, label: EmotionLabel, by: Sender, *, desk: Desk) -> bool:
    """Take the owner's word for the mood; False when the question was answered or had run out.

    Raises UnknownSong for songs of others.
    """
    raise NotImplementedError
