"""A plan becomes a Score: key, form, sheet and band, then every player's track. Pure, takes milliseconds."""

from __future__ import annotations

from dataclasses import replace

from pipeline.backends.sketch.band import Band, form_band
from pipeline.backends.sketch.feel import Feel
from pipeline.backends.sketch.form import plan_form
from pipeline.backends.sketch.instruments import Seat
from pipeline.backends.sketch.keys import choose_key, read_key
from pipeline.backends.sketch.parts import ending_hits, part_hits
from pipeline.backends.sketch.rhythm import KICK, drum_hits
from pipeline.backends.sketch.score import Role, Score, Track, stream
from pipeline.backends.sketch.sheet import Sheet, write_sheet
from pipeline.backends.sketch.sound import read_sound
from pipeline.backends.sketch.styles import Style, read_style
from pipeline.catalog.genres import genre_named
from pipeline.values import Plan

_LEVELS_DB: dict[Role, float] = {
    "drums": -16.0, "bass": -18.5, "chords": -21.5, "pad": -26.0, "arp": -26.0, "lead": -19.5,
    "texture": -31.0,
}  # fmt: skip
_REVERB: dict[Role, float] = {
    "drums": 0.08, "bass": 0.02, "chords": 0.2, "pad": 0.35, "arp": 0.35, "lead": 0.3, "texture": 0.5,
}  # fmt: skip
_PANS = (-0.35, 0.35, -0.6, 0.6, -0.2, 0.2)


def arrange(plan: Plan) -> Score:
    """Arrange the plan; equal plans give equal scores in every process."""
    brief, seed = plan.brief, plan.params.seed
    style = style_of(plan)
    key = read_key(brief.key) or choose_key(plan.mood, seed, bans=_banned_modes(brief.avoid))
    form = plan_form(brief, plan.params.duration_s, beats_per_bar=style.beats_per_bar, sudden=plan.mood == "surprise")
    sheet = write_sheet(plan, style, key, form)
    band = form_band(brief, style)
    tracks = [*_drum_track(sheet, band), *_pitched_tracks(sheet, band)]
    kicks = tuple(note.start_s for track in tracks if track.is_drums for note in track.notes if note.pitch == KICK)
    return Score(
        duration_s=plan.params.duration_s,
        last_s=form.last_s,
        bpm=brief.bpm,
        key=key,
        passages=form.passages,
        tracks=tuple(tracks),
        kicks_s=kicks,
        sound=read_sound(brief, style),
        seed=seed,
    )


def style_of(plan: Plan) -> Style:
    """Read the style that the brief's words ask for, or the one that the genre's row says it is played like."""
    genre = genre_named(plan.genre)
    words = (genre.plays_like if genre else "") or plan.brief.style
    return read_style(words, hints=f"{plan.genre} {plan.brief.description}")


def _banned_modes(avoid: tuple[str, ...]) -> frozenset[str]:
    words = " ".join(avoid).lower()
    return frozenset(mode for mode, signs in (("major", ("major", "cheerful")), ("minor", ("minor", "sad")))
                     if any(sign in words for sign in signs))  # fmt: skip


def _drum_track(sheet: Sheet, band: Band) -> list[Track]:
    if band.kit is None:
        return []
    groove = sheet.style.groove if sheet.style.groove != "none" else "folk"
    feel = Feel(sheet.form, _steadier(sheet.style), stream(sheet.seed, "drums"))
    hits = drum_hits(sheet.form, feel, groove=groove, gentle=band.gentle, extra_percussion=band.extra_percussion)
    level_db = _LEVELS_DB["drums"] - (6.0 if band.gentle else 1.0 if sheet.style.drive < 0.25 else 0.0)
    return [Track("drums", band.kit, feel.play(hits), level_db=level_db, reverb=_REVERB["drums"])]


def _steadier(style: Style) -> Style:
    """Drums and bass keep the time: half the looseness of the others."""
    return replace(style, looseness_ms=style.looseness_ms / 2)


def _pitched_tracks(sheet: Sheet, band: Band) -> list[Track]:
    tracks: list[Track] = []
    counts: dict[Role, int] = {}
    for index, seat in enumerate(band.seats):
        nth = counts.get(seat.role, 0)
        counts[seat.role] = nth + 1
        track = _track(sheet, seat, index, nth)
        if seat.named or len({note.start_s > sheet.form.last_s - 0.5 for note in track.notes}) == 2:
            tracks.append(track)  # the style's own players are not called in for the last chord alone
    return tracks


def _track(sheet: Sheet, seat: Seat, index: int, nth: int) -> Track:
    style = _steadier(sheet.style) if seat.role == "bass" else sheet.style
    feel = Feel(sheet.form, style, stream(sheet.seed, f"{seat.role}{nth}"))
    hits = [*part_hits(sheet, seat, nth, feel), *ending_hits(sheet, seat, nth)]
    centred = seat.role in ("bass", "texture") or (seat.role == "lead" and nth == 0)
    return Track(
        seat.role,
        seat.program,
        feel.play(hits),
        level_db=_LEVELS_DB[seat.role] - (3.0 if nth else 0.0),
        pan=0.0 if centred else _PANS[index % len(_PANS)],
        reverb=_REVERB[seat.role],
        ducked=sheet.style.ducked and seat.role in ("pad", "chords", "arp"),
    )
