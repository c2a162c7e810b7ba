"""How an engine made a song and what its licence asks: kept with the song's parameters, said in its caption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.serialization import from_json, to_json
from handlers.texts import sentence
from pipeline.audio.composer import Composer, Kind

CREDIT = "credit"  # its name beside the parameters


@dataclass(frozen=True, slots=True)
class Credit:
    """What the composer answers of itself."""

    kind: Kind
    licence: str | None = None


_CAPTIONS: dict[Kind, str] = {"synthesised": "caption_played", "generative": "caption_generated"}


def credit_of(composer: Composer) -> Credit:
    return Credit(composer.kind, composer.licence)


def credit_to_json(credit: Credit) -> dict[str, object]:
    """Give what to add to a song's parameters."""
    return {CREDIT: to_json(credit)}


def credit_from_json(params: Mapping[str, object], *, engine: str) -> Credit:
    """Read it from a song's parameters; rows from before it was kept have only the engine's name to go by."""
    if CREDIT in params:
        return from_json(Credit, params[CREDIT])
    if engine == "sketch":
        return Credit("synthesised")
    return Credit("generative", "noncommercial" if engine.startswith("musicgen") else None)


def credit_line(locale: str, engine: str, credit: Credit) -> str:
    """Name the engine honestly, with what its licence asks to be said."""
    said = sentence(locale, _CAPTIONS[credit.kind], engine=engine)
    if credit.licence is None:
        return said
    return sentence(locale, "caption_licence", credit=said, licence=sentence(locale, f"licence_{credit.licence}"))
