"""Parts: what each pitched player of the band does, passage by passage, and at the end."""

from __future__ import annotations

from pipeline.backends.sketch import comping
from pipeline.backends.sketch.bass import Stretch, bass_hits, low_pitch
from pipeline.backends.sketch.feel import Feel, Hit
from pipeline.backends.sketch.harmony import voice
from pipeline.backends.sketch.instruments import Seat
from pipeline.backends.sketch.melody import invent_tune, phrase_hits
from pipeline.backends.sketch.score import Role, stream
from pipeline.backends.sketch.sheet import Sheet
from pipeline.backends.sketch.styles import Style

# From this energy on a player of the role joins; a second one of the same role waits longer.
_ENTERS: dict[Role, float] = {"bass": 0.32, "arp": 0.45, "lead": 0.45}
_LIFT = 0.8  # energies above are choruses
_CELLO = 42  # plays an octave below the other pads


def part_hits(sheet: Sheet, seat: Seat, nth: int, feel: Feel) -> list[Hit]:
    """The whole part of one seat; nth counts the seats of the same role from 0."""
    if seat.role == "lead":
        return _lead(sheet, nth)
    variant, shape = feel.rng.randrange(4), comping.choose_shape(feel.rng)
    enters = _entry(sheet, seat, nth)
    hits: list[Hit] = []
    for number, (stretch, voicing) in enumerate(zip(sheet.stretches, sheet.voicings, strict=True)):
        if stretch.energy >= enters:
            turn = variant + (stretch.energy > _LIFT) + (number % 4 == 3)
            hits += _bar(sheet, seat, nth, stretch, voicing, turn=turn, shape=shape)
    return hits


def _entry(sheet: Sheet, seat: Seat, nth: int) -> float:
    if seat.role == "arp" and not seat.named:
        return _LIFT  # saved for the chorus
    if seat.role == "texture" or (seat.role == "bass" and sheet.style.groove in ("none", "cinematic", "techno")):
        return 0.0
    return _ENTERS.get(seat.role, 0.0) + 0.25 * nth


def _bar(
    sheet: Sheet, seat: Seat, nth: int, stretch: Stretch, voicing: tuple[int, ...], *, turn: int, shape: str
) -> list[Hit]:
    match seat.role:
        case "bass":
            return bass_hits(stretch, line=sheet.style.bass)
        case "pad":
            return _pad(seat, nth, stretch, voicing)
        case "arp":
            # Sixteenths only where they stay under eight notes a second.
            fast = sheet.form.beat_s > 0.5 and sheet.style.looseness_ms < 6 and stretch.energy > 0.6
            return comping.arp_hits(stretch, voicing, shape=shape, fast=fast)
        case "texture":
            return comping.drone_hits(stretch)
        case _:
            pattern = _comp_pattern(sheet.style, seat, nth)
            return comping.comp_hits(stretch, voicing, pattern=pattern, variant=turn)


def _pad(seat: Seat, nth: int, stretch: Stretch, voicing: tuple[int, ...]) -> list[Hit]:
    if seat.program == _CELLO:
        return comping.pad_hits(stretch, voicing, octave=-1)
    hits = comping.pad_hits(stretch, voicing, octave=nth)
    return hits + comping.pad_hits(stretch, voicing[-2:], octave=nth + 1) if stretch.energy > _LIFT else hits


def _comp_pattern(style: Style, seat: Seat, nth: int) -> str:
    """Guitars strum and riff, a second chord player answers the first; else the style's own pattern."""
    if seat.program in (29, 30):
        return style.comp if style.comp in ("chug", "drive") else "drive"
    if nth:
        return "echo"
    if seat.program in (24, 25) and style.comp not in ("bossa", "waltz", "alberti", "skank"):
        return "strum"
    return style.comp if style.comp not in ("chug", "drive") else "push"


def _lead(sheet: Sheet, nth: int) -> list[Hit]:
    """Phrases of four chords with a breath between; a second lead only answers in the lift, a third above."""
    tune = invent_tune(sheet.plan.mood, stream(sheet.seed, "tune"), density=sheet.style.lead_density)
    floor = 67 if sheet.plan.mood in ("happy", "surprise") else 64  # above the chords
    hits: list[Hit] = []
    for first in range(0, len(sheet.stretches), 4):
        block = sheet.stretches[first : first + 4]
        singing = [part for part in block if part.energy >= (_ENTERS["lead"] if nth == 0 else 0.6)]
        if not singing and nth == 0 and first == 0 and len(block) > 1:
            singing = list(block[-1:])  # a pick-up announces the theme
        if not singing or (nth and not first // 4 % 2 and len(sheet.stretches) > 4):
            continue
        lifted = singing[-1].energy > _LIFT
        rng = stream(sheet.seed, f"tune{nth}/{first // 4 % 2}")
        reach = floor + (4 if nth else 0)
        hits += phrase_hits(singing, tune, rng, lifted=lifted, floor=reach, pentatonic=sheet.style.pentatonic)
    return hits


def ending_hits(sheet: Sheet, seat: Seat, nth: int) -> list[Hit]:
    """Everybody lands on the tonic and lets it ring for what is left."""
    beat = sheet.form.last_beat
    beats = (sheet.form.duration_s - sheet.form.last_s) / sheet.form.beat_s
    previous = sheet.voicings[-1] if sheet.voicings else ()
    voicing = voice(sheet.last, previous)
    tonic = 60 + (sheet.last.root - 60) % 12
    match seat.role:
        case "bass":
            pitches: tuple[int, ...] = (low_pitch(sheet.last.root),)
        case "lead":
            pitches = (tonic + 12,) if nth == 0 else (voicing[-1] + 12,)
        case "texture":
            pitches = (tonic - 12, tonic - 5)
        case "arp":
            pitches = tuple(pitch + 12 for pitch in voicing)
        case "pad" if seat.program == _CELLO:
            pitches = (tonic - 24, tonic - 12)
        case _:
            pitches = voicing
    spread = 0.04 if seat.role == "arp" else 0.018 if seat.role == "chords" else 0.0
    return [Hit(beat, beats, pitch, 84, index * spread) for index, pitch in enumerate(pitches)]
