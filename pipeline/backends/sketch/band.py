"""The band: which seats play, on which sounds, taken from the brief first and the style second."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.backends.sketch.instruments import (
    Seat,
    avoided_programs,
    avoids_drums,
    avoids_loud_drums,
    is_drums,
    read_seat,
)
from pipeline.backends.sketch.score import Role
from pipeline.backends.sketch.styles import Style
from pipeline.values import Brief

_MOST_SEATS = 8  # more blur each other
# When a style's own sound is avoided, the first of these that is not.
_STAND_INS: dict[Role, tuple[int, ...]] = {
    "bass": (33, 32, 38, 43, 0),
    "chords": (4, 0, 27, 24, 16, 81, 11),
    "pad": (89, 48, 16, 52, 4),
    "lead": (73, 11, 66, 80, 40, 0, 24),
    "arp": (46, 11, 24, 80, 0),
    "texture": (99, 95, 48, 11),
}


@dataclass(frozen=True, slots=True)
class Band:
    """Pitched seats in playing order, and how the drums behave."""

    seats: tuple[Seat, ...]
    kit: int | None  # None: no drums
    gentle: bool
    extra_percussion: bool


def form_band(brief: Brief, style: Style) -> Band:
    """Seat the brief's instruments, fill the empty chairs from the style, leave out what is avoided."""
    avoided = avoided_programs(brief.avoid)
    named = [seat for phrase in brief.instruments if (seat := read_seat(phrase)) is not None]
    seats: list[Seat] = []
    for seat in named:
        if seat.program not in avoided and seat not in seats and len(seats) < _MOST_SEATS:
            seats.append(seat)
    for wanted in _style_seats(style):
        taken = [seat.role for seat in seats]
        if wanted.role in taken or (wanted.role == "pad" and len(seats) >= 5):
            continue
        program = _allowed(wanted, avoided)
        if program is not None:
            seats.append(Seat(wanted.role, program, named=False))
    percussion = any(is_drums(phrase) for phrase in brief.instruments)
    drummed = (style.groove != "none" or percussion) and not avoids_drums(brief.avoid)
    soft = any(word in phrase.lower() for phrase in brief.instruments for word in ("gentle", "soft", "sparse hits"))
    gentle = avoids_loud_drums(brief.avoid) or (
        soft and style.name in ("lofi", "ballad", "folk", "ambient", "classical")
    )
    shaken = any(word in phrase.lower() for phrase in brief.instruments for word in ("tambourine", "shaker", "percuss"))
    return Band(tuple(seats), style.kit if drummed else None, gentle, shaken)


def _style_seats(style: Style) -> list[Seat]:
    seats = [
        Seat("bass", style.bass_program),
        Seat("chords", style.chords),
        Seat("lead", style.lead),
        Seat("pad", style.pad),
    ]
    return [*seats, Seat("arp", style.arp)] if style.arp is not None else seats


def _allowed(seat: Seat, avoided: frozenset[int]) -> int | None:
    return next((program for program in (seat.program, *_STAND_INS[seat.role]) if program not in avoided), None)
