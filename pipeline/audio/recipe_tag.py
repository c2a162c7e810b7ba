"""The song's tags: title, artist and the like, and the recipe from which the song can be rendered again.

The recipe is JSON in an ID3 TXXX frame. It holds the plan without its reason, which would tell of the
listener's votes. `read_recipe` takes strangers' files. Called by finishing and by who gets a file back.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from typing import Literal

from mutagen import MutagenError
from mutagen.id3 import COMM, ID3, TALB, TBPM, TCON, TIT2, TKEY, TPE1, TXXX, USER
from pydantic import TypeAdapter, ValidationError

from pipeline.audio.mp3 import tag_length
from pipeline.errors import BadInput
from pipeline.values import MAX_DURATION_S, MIN_DURATION_S, Plan, Reason

RECIPE_FRAME = "selfietune.recipe"
ALBUM = "Selfietune"
# A recipe takes 3 kB. Frames may be deflated a thousandfold: this bounds a hostile tag to 64 MB of memory.
_LONGEST_TAG = 64 * 1024
_LONGEST_TEXT = 2000  # characters of any text in a recipe; prompts have 1000
_LONGEST_LIST = 64
_LONGEST_NAME = 200  # of a title or artist
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


def read_recipe(mp3: bytes) -> Plan:
    """Read the plan back from a song's file, with the reason "mood" in place of its own.

    Raises BadInput "untagged" (not one of our songs, or its tags are gone), "newer_recipe" (version) or
    "bad_recipe" (something in it is not as we write it). The model's name is checked for its form alone:
    whoever renders the plan looks it up among the models that are installed.
    """
    text = _recipe_text(mp3)
    try:
        recipe = TypeAdapter(_Recipe).validate_json(text)
    except ValidationError as failure:
        version = next((e["input"] for e in failure.errors() if e["loc"] == ("version",) and "input" in e), None)
        if isinstance(version, int) and 1 < version < 1000:
            raise BadInput("newer_recipe", version=version) from None
        raise BadInput("bad_recipe") from None
    if not _sound(recipe.plan):
        raise BadInput("bad_recipe")
    return recipe.plan


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


def _recipe_text(mp3: bytes) -> str:
    length = tag_length(mp3)
    if not 0 < length <= _LONGEST_TAG:
        raise BadInput("untagged")
    try:
        frames = ID3(io.BytesIO(mp3[:length]), load_v1=False).getall(f"TXXX:{RECIPE_FRAME}")
    except (MutagenError, ValueError):
        raise BadInput("untagged") from None
    if not frames or not frames[0].text:
        raise BadInput("untagged")
    return str(frames[0].text[0])


def _sound(plan: Plan) -> bool:
    """Tell whether every value is within what a plan of ours could hold."""
    params, brief = plan.params, plan.brief
    return (
        all(_bounded(value) for value in _leaves(asdict(plan)))
        and MIN_DURATION_S <= params.duration_s <= MAX_DURATION_S
        and 20 <= brief.bpm <= 300
        and 0 <= params.seed < 2**63
        and 0 <= params.top_k <= 10_000
        and 0 <= params.top_p <= 1
        and 0 < params.temperature <= 10
        and 0 <= params.cfg_coef <= 50
        and _MODEL.fullmatch(params.model) is not None
        and (params.melody is None or re.fullmatch(r"[0-9a-f]{32}", params.melody) is not None)
        and (params.extends is None or 0 < params.extends < 2**63)
        and all(0 <= part.start_s < part.end_s <= MAX_DURATION_S for part in brief.sections)
    )


def _leaves(value: object) -> Iterator[object]:
    """Walk through the texts, numbers and (as themselves too) the lists of a plan."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        yield value
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _bounded(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and not re.search(r"[\x00-\x1f\x7f]", value)
    if isinstance(value, list | tuple):
        return len(value) <= _LONGEST_LIST
    return value is None or (isinstance(value, int | float) and math.isfinite(value))


def _one_line(text: str) -> str:
    """Drop control characters (a zero byte would split the tag's field) and bound the length."""
    return " ".join("".join(c if c >= " " and c != "\x7f" else " " for c in text).split())[:_LONGEST_NAME]
