"""Which of the sender's pictures counts: the first with a face."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from handlers.deps import Deps
from handlers.serialization import JSON, mood_to_json
from handlers.songs import photos
from pipeline.errors import BadInput, EngineFailed
from pipeline.faces.read_mood import EmotionReader, read_mood
from pipeline.values import Mood
from storage.errors import MediaMissing


@dataclass(frozen=True, slots=True)
class Reading:
    """A mood and the picture it was read in (1 is the first of `pictures`); 0 when none was looked at."""

    mood: Mood
    picture: int = 0
    pictures: int = 0


def reading_to_json(reading: Reading) -> JSON:
    """Give the mood as `mood_to_json` does, with the picture it comes from where there was a choice."""
    data = mood_to_json(reading.mood)
    if reading.pictures < 2:
        return data
    return {**data, "picture": reading.picture, "pictures": reading.pictures}


async def read_pictures(session_id: int, *, deps: Deps, reader: EmotionReader) -> Reading:
    """Read the session's pictures in order until one has a face.

    When none has, the complaint about the first usable one is raised: BadInput "no_face" before anything else.
    """
    paths = await photos.paths_of(session_id, deps=deps)
    complaints: list[BadInput] = []
    for number, path in enumerate(paths, start=1):
        try:
            return Reading(await _read_picture(path, deps=deps, reader=reader), number, len(paths))
        except BadInput as complaint:
            complaints.append(complaint)
    raise next((each for each in complaints if each.code == "no_face"), complaints[0])


async def _read_picture(path: str, *, deps: Deps, reader: EmotionReader) -> Mood:
    try:
        data = await deps.media.get(path)
    except MediaMissing as error:  # we died between opening the row and keeping the file
        raise BadInput("photo_lost") from error
    try:
        async with asyncio.timeout(deps.limits.read_timeout_s):
            return await read_mood(data, reader=reader)
    except TimeoutError as error:
        raise EngineFailed("mood_timeout") from error
