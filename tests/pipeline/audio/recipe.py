"""The recipe in a song's file, read as anybody may: JSON in an ID3 frame."""

from __future__ import annotations

import io
import json

from mutagen.id3 import ID3
from pydantic import TypeAdapter

from pipeline.audio.recipe_tag import RECIPE_FRAME
from pipeline.values import Plan


def recipe_in(mp3: bytes) -> Plan:
    """Give the plan that the file's recipe of version 1 holds."""
    (frame,) = ID3(io.BytesIO(mp3), load_v1=False).getall(f"TXXX:{RECIPE_FRAME}")
    recipe = json.loads(frame.text[0])
    assert recipe["version"] == 1
    return TypeAdapter(Plan).validate_python(recipe["plan"])
