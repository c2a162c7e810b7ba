"""What a person asked for along with the selfie; kept with the song's row."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from handlers.errors import Refused
from pipeline.values import (
    MAX_DURATION_S,
    MIN_DURATION_S,
    SAMPLING_RANGES,
    Decoder,
    EmotionLabel,
    RenderParams,
)


@dataclass(frozen=True, slots=True)
class SongOptions:
    """Everything a sender may choose; None leaves it to us."""

    duration_s: float = 30.0
    mood: EmotionLabel | None = None  # named by the sender: the picture is not read
    seed: int | None = None
    engine: str = "auto"
    locale: str = "en"
    note: str = ""  # free text: data for the writer, cleaned on its way, never an order
    # The platform shows a status card and can ask about an unsure mood. The database calls it "live".
    interactive: Annotated[bool, Field(alias="live")] = False
    top_k: int | None = None
    top_p: float | None = None
    temperature: float | None = None
    cfg_coef: float | None = None
    decoder: Decoder | None = None
    melody: str | None = None  # md5 of a sound that this listener gave
    extends: int | None = None  # a song of this listener's, to go on from its end


def check_song_options(options: SongOptions) -> None:
    """Refuse what no engine may be asked for, NaN too: "bad_duration", "bad_sampling" (name, low, high)."""
    if not MIN_DURATION_S <= options.duration_s <= MAX_DURATION_S:
        raise Refused("bad_duration", low=int(MIN_DURATION_S), high=int(MAX_DURATION_S))
    for name, value in _chosen_sampling(options).items():
        low, high = SAMPLING_RANGES[name]
        if not low <= value <= high:
            raise Refused("bad_sampling", name=name.replace("_", "-"), low=f"{low:g}", high=f"{high:g}")


def params_of(options: SongOptions, *, seed: int) -> RenderParams:
    """Give the parameters that were asked for, the usual ones where nothing was."""
    chosen: dict[str, Any] = {**_chosen_sampling(options), **({"decoder": options.decoder} if options.decoder else {})}
    return RenderParams(
        duration_s=options.duration_s,
        seed=seed,
        model=options.engine,
        melody=options.melody,
        extends=options.extends,
        **chosen,
    )


def seed_of(options: SongOptions, song_id: int) -> int:
    """Give the seed that was asked for, else one that every run of this song's jobs agrees on (31 bits)."""
    return options.seed if options.seed is not None else zlib.crc32(f"song {song_id}".encode()) & 0x7FFF_FFFF


def _chosen_sampling(options: SongOptions) -> dict[str, float]:
    return {name: value for name in SAMPLING_RANGES if (value := getattr(options, name)) is not None}
