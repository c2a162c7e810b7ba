"""The song's tags: title, artist and the like, and the recipe from which the song can be rendered again.

The recipe is JSON in an ID3 TXXX frame. It holds the plan without its reason, which would reveal the
listener's votes. Called by finishing.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

from mutagen.id3 import COMM, ID3, TALB, TBPM, TCON, TIT2, TKEY, TPE1, TXXX, USER
from pydantic import TypeAdapter

from pipeline.audio.mp3 import tag_length
from pipeline.values import Plan, Reason

RECIPE_FRAME = "selfietune.recipe"
ALBUM = "Selfietune"
_LONGEST_NAME = 200  # characters of a title or artist
_MODEL = re.compile(r"[A-Za-z0-9][\w.-]{0,99}(/[A-Za-z0-9][\w.-]{0,99})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Recipe:
    version: Literal[1]
    engine: str
    plan: Plan


def write_recipe(
    mp3: bytes, plan: Plan, *, title: str, artist: str, engine: str, licence_note: str | None = None
) -> bytes:
    """Give an mp3 its tags in place of those it has; nothing about the listener but what the caller names."""
    tags = ID3()
    for frame in (
        TIT2(encoding=3, text=[_one_line(title)]),
        TPE1(encoding=3, text=[_one_line(artist)]),
        TALB(encoding=3, text=[ALBUM]),
        TCON(encoding=3, text=[_one_line(plan.genre)]),
        TBPM(encoding=3, text=[str(plan.brief.bpm)]),
        COMM(encoding=3, lang="eng", desc="", text=[f"Made by Selfietune ({engine}). {plan.prompt}"]),
        TXXX(encoding=3, desc=RECIPE_FRAME, text=[_recipe_json(plan, engine)]),
    ):
        tags.add(frame)
    if key := id3_key(plan.brief.key):
        tags.add(TKEY(encoding=3, text=[key]))
    if licence_note:
        tags.add(USER(encoding=3, lang="eng", text=licence_note))  # "terms of use"
    head = io.BytesIO()
    tags.save(head, v1=0, padding=lambda _: 0)
    return head.getvalue() + mp3[tag_length(mp3) :]


def id3_key(key: str | None) -> str | None:
    """Shorten a key to ID3's three characters ("A minor" → "Am", "B♭ major" → "Bb"); None for other words."""
    found = re.fullmatch(r"\s*([A-Ga-g])\s*([#b♯♭]?)\s*(major|minor|maj|min|m)?\s*", key or "")
    if not found:
        return None
    note, sign, scale = found.groups()
    return note.upper() + sign.replace("♯", "#").replace("♭", "b") + ("m" if scale in ("minor", "min", "m") else "")


def _recipe_json(plan: Plan, engine: str) -> str:
    # A model kept in a folder is named by that folder alone: where it lies is the server's own business.
    model = plan.params.model if _MODEL.fullmatch(plan.params.model) else PurePath(plan.params.model).name
    public = replace(plan, reason=Reason("mood"), params=replace(plan.params, model=model))
    return TypeAdapter(_Recipe).dump_json(_Recipe(1, engine, public)).decode()


def _one_line(text: str) -> str:
    """Drop control characters (a zero byte would split the tag's field) and bound the length."""
    return " ".join("".join(c if c >= " " and c != "\x7f" else " " for c in text).split())[:_LONGEST_NAME]
