"""A plan becomes a Score: key, form, harmony, then every player's part. Pure and quick (milliseconds)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.backends.sketch import comping
from pipeline.backends.sketch.band import Band, form_band
from pipeline.backends.sketch.bass import Stretch, bass_hits, low_pitch
from pipeline.backends.sketch.feel import Feel, Hit
from pipeline.backends.sketch.form import Form, plan_form
from pipeline.backends.sketch.harmony import Chord, Progressions, choose_progressions, voice
from pipeline.backends.sketch.instruments import Seat
from pipeline.backends.sketch.keys import choose_key, read_key
from pipeline.backends.sketch.melody import invent_tune, phrase_hits
from pipeline.backends.sketch.rhythm import KICK, drum_hits
from pipeline.backends.sketch.score import Key, Role, Score, Track, stream
from pipeline.backends.sketch.sound import read_sound
from pipeline.backends.sketch.styles import Style, read_style
from pipeline.values import Plan

_GAINS: dict[Role, float] = {
    "drums": 1.0, "bass": 1.0, "chords": 0.62, "pad": 0.4, "arp": 0.45, "lead": 0.7, "texture": 0.3,
}  # fmt: skip
_REVERB: dict[Role, float] = {
    "drums": 0.08, "bass": 0.02, "chords": 0.2, "pad": 0.35, "arp": 0.35, "lead": 0.3, "texture": 0.5,
}  # fmt: skip
# From this energy on a player of the role joins; a second one of the same role waits longer.
_ENTERS: dict[Role, float] = {"chords": 0.0, "pad": 0.0, "texture": 0.0, "bass": 0.32, "arp": 0.45, "lead": 0.45}
_PANS = (-0.35, 0.35, -0.6, 0.6, -0.2, 0.2)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all players read from."""

    plan: Plan
    style: Style
    key: Key
    form: Form
    stretches: tuple[Stretch, ...]
    voicings: tuple[tuple[int, ...], ...]
    last: Chord
    seed: int


def arrange(plan: Plan) -> Score:
    """Arrange the plan; equal plans give equal scores in every process."""
    brief, seed = plan.brief, plan.params.seed
    style = read_style(brief.style, hints=f"{plan.genre} {brief.description}")
    key = read_key(brief.key) or choose_key(plan.mood, seed, bans=_banned_modes(brief.avoid))
    form = plan_form(brief, plan.params.duration_s, beats_per_bar=style.beats_per_bar)
    sheet = _write_sheet(plan, style, key, form)
    band = form_band(brief, style)
    tracks = [*_drum_track(sheet, band), *_pitched_tracks(sheet, band)]
    kicks = tuple(note.start_s for track in tracks if track.is_drums for note in track.notes if note.pitch == KICK)
    return Score(
        duration_s=plan.params.duration_s,
        bpm=brief.bpm,
        key=key,
        passages=form.passages,
        tracks=tuple(tracks),
        kicks_s=kicks,
        sound=read_sound(brief, style),
        seed=seed,
    )


def _banned_modes(avoid: tuple[str, ...]) -> frozenset[str]:
    words = " ".join(avoid).lower()
    return frozenset(mode for mode, signs in (("major", ("major", "cheerful")), ("minor", ("minor", "sad")))
                     if any(sign in words for sign in signs))  # fmt: skip


def _write_sheet(plan: Plan, style: Style, key: Key, form: Form) -> Sheet:
    rng = stream(plan.params.seed, "harmony")
    chords = choose_progressions(
        key, plan.mood, rng, extensions=style.extensions, cyclic=style.extensions == 2 and style.name != "ambient"
    )
    stretches = _lay_chords(chords, key, form, plan.params.seed)
    voicings: list[tuple[int, ...]] = []
    previous: tuple[int, ...] = ()
    for stretch in stretches:
        previous = voice(stretch.chord, previous, rootless=style.extensions == 2)
        voicings.append(previous)
    return Sheet(plan, style, key, form, tuple(stretches), tuple(voicings), chords.last, plan.params.seed)


def _lay_chords(chords: Progressions, key: Key, form: Form, seed: int) -> list[Stretch]:
    """One chord a bar; the loop begins anew with each passage, the last bar before the end is the cadence."""
    rng = stream(seed, "bass")
    starts = list(range(0, form.last_beat, form.beats_per_bar))
    picked: list[Chord] = []
    passage_start = 0
    for index, start in enumerate(starts):
        passage = form.passage_at((start + 0.01) * form.beat_s)
        if index and passage is not form.passage_at((starts[index - 1] + 0.01) * form.beat_s):
            passage_start = index
        loop = chords.lift if passage.climax and passage.energy > 0.8 else chords.verse
        picked.append(loop[(index - passage_start) % len(loop)])
    if len(picked) > 1:
        picked[-1] = chords.cadence
    followers = [*(chord.root for chord in picked[1:]), chords.last.root]
    return [
        Stretch(start, min(form.beats_per_bar, form.last_beat - start), chord, target, key,
                form.passage_at((start + 0.01) * form.beat_s).energy, rng)
        for start, chord, target in zip(starts, picked, followers, strict=True)
    ]  # fmt: skip


def _drum_track(sheet: Sheet, band: Band) -> list[Track]:
    if band.kit is None:
        return []
    groove = sheet.style.groove if sheet.style.groove != "none" else "folk"
    feel = Feel(sheet.form, _steadier(sheet.style), stream(sheet.seed, "drums"))
    hits = drum_hits(
        sheet.form, feel, groove=groove, gentle=band.gentle, extra_percussion=band.extra_percussion
    )
    gain = _GAINS["drums"] * (0.7 if band.gentle else 1.0)
    return [Track("drums", band.kit, feel.play(hits), gain=gain, reverb=_REVERB["drums"])]


def _steadier(style: Style) -> Style:
    """Drums and bass keep the time: half the looseness of the others."""
    return replace(style, looseness_ms=style.looseness_ms / 2)


def _pitched_tracks(sheet: Sheet, band: Band) -> list[Track]:
    tracks: list[Track] = []
    counts: dict[Role, int] = {}
    for index, seat in enumerate(band.seats):
        nth = counts.get(seat.role, 0)
        counts[seat.role] = nth + 1
        tracks.append(_track(sheet, seat, index, nth))
    return tracks


def _track(sheet: Sheet, seat: Seat, index: int, nth: int) -> Track:
    style = _steadier(sheet.style) if seat.role == "bass" else sheet.style
    feel = Feel(sheet.form, style, stream(sheet.seed, f"{seat.role}{nth}"))
    hits = [*_part(sheet, seat, nth, feel), *_ending(sheet, seat, nth)]
    centred = seat.role in ("bass", "texture") or (seat.role == "lead" and nth == 0)
    return Track(
        seat.role,
        seat.program,
        feel.play(hits),
        gain=_GAINS[seat.role] * (0.75 if nth else 1.0),
        pan=0.0 if centred else _PANS[index % len(_PANS)],
        reverb=_REVERB[seat.role],
        ducked=sheet.style.ducked and seat.role in ("pad", "chords", "arp"),
    )


def _part(sheet: Sheet, seat: Seat, nth: int, feel: Feel) -> list[Hit]:
    if seat.role == "lead":
        return _lead(sheet, nth, feel)
    enters = _ENTERS[seat.role] + (0.25 * nth if seat.role != "texture" else 0.0)
    if seat.role == "bass" and sheet.style.groove in ("none", "cinematic", "techno"):
        enters = 0.0
    variant, shape = feel.rng.randrange(4), comping.choose_shape(feel.rng)
    fast = 60 / sheet.form.beat_s < 118 and sheet.style.looseness_ms < 6
    hits: list[Hit] = []
    for number, (stretch, voicing) in enumerate(zip(sheet.stretches, sheet.voicings, strict=True)):
        if stretch.energy < enters:
            continue
        match seat.role:
            case "bass":
                hits += bass_hits(stretch, line=sheet.style.bass)
            case "pad":
                hits += comping.pad_hits(stretch, voicing, octave=nth if seat.program != 42 else -1)
            case "arp":
                hits += comping.arp_hits(stretch, voicing, shape=shape, fast=fast and stretch.energy > 0.6)
            case "texture":
                hits += comping.drone_hits(stretch)
            case _:
                turn = variant + (1 if stretch.energy > 0.8 else 0) + (1 if number % 4 == 3 else 0)
                hits += comping.comp_hits(stretch, voicing, pattern=_comp_pattern(sheet.style, seat, nth), variant=turn)
    return hits


def _comp_pattern(style: Style, seat: Seat, nth: int) -> str:
    """Guitars strum and riff, a second chord player answers the first; else the style's own pattern."""
    if seat.program in (29, 30):
        return style.comp if style.comp in ("chug", "drive") else "drive"
    if nth:
        return "echo"
    if seat.program in (24, 25) and style.comp not in ("bossa", "waltz", "alberti", "skank"):
        return "strum"
    return style.comp if style.comp not in ("chug", "drive") else "push"


def _lead(sheet: Sheet, nth: int, feel: Feel) -> list[Hit]:
    """Phrases of four chords with a breath between; a second lead only answers in the lift, a third above."""
    tune_rng = stream(sheet.seed, "tune")
    tune = invent_tune(sheet.plan.mood, tune_rng, density=sheet.style.lead_density)
    floor = 66 if sheet.plan.mood in ("happy", "surprise") else 60
    hits: list[Hit] = []
    for first in range(0, len(sheet.stretches), 4):
        block = sheet.stretches[first : first + 4]
        singing = [part for part in block if part.energy >= (_ENTERS["lead"] if nth == 0 else 0.6)]
        if not singing and nth == 0 and first == 0 and len(block) > 1:
            singing = list(block[-1:])  # a pick-up announces the theme
        if not singing or (nth and not first // 4 % 2 and len(sheet.stretches) > 4):
            continue
        lifted = singing[-1].energy > 0.8
        hits += phrase_hits(
            singing, tune, stream(sheet.seed, f"tune{nth}"), lifted=lifted, floor=floor + (4 if nth else 0),
            pentatonic=sheet.style.pentatonic,
        )  # fmt: skip
    return hits


def _ending(sheet: Sheet, seat: Seat, nth: int) -> list[Hit]:
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
        case "pad" if seat.program == 42:
            pitches = (tonic - 24, tonic - 12)
        case _:
            pitches = voicing
    spread = 0.04 if seat.role == "arp" else 0.018 if seat.role == "chords" else 0.0
    return [Hit(beat, beats, pitch, 84, index * spread) for index, pitch in enumerate(pitches)]
