"""What a listener must hear about a song that came out otherwise than asked; kept with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from handlers.serialization import from_json, to_json
from handlers.texts import sentence

REMARKS = "remarks"  # their name beside the parameters


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is different; `code` and `facts` say why, as an error's do."""

    kind: Literal["without_melody", "shorter"]
    code: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


def remarks_to_json(remarks: tuple[Remark, ...]) -> dict[str, object]:
    """Give what to add to a song's parameters; nothing where there is nothing to say."""
    return {REMARKS: [to_json(each) for each in remarks]} if remarks else {}


def remark_lines(locale: str, params: Mapping[str, object] | None) -> list[str]:
    """Put the remarks of a song's parameters into words, a line each."""
    remarks = from_json(tuple[Remark, ...], (params or {}).get(REMARKS, ()))
    return [
        sentence(locale, f"remark_{each.kind}", **{**each.facts, "why": sentence(locale, each.code, **each.facts)})
        for each in remarks
    ]
