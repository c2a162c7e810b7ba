"""Drums: one groove a style, lanes that enter with the energy, fills into the next passage."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.backends.sketch.feel import Feel, Hit
from pipeline.backends.sketch.form import Form
from pipeline.backends.sketch.score import Passage

KICK, RIM, SNARE, CLAP, CLOSED, PEDAL, OPEN = 36, 37, 38, 39, 42, 44, 46
CRASH, RIDE, TAMBOURINE, MARACAS, CABASA = 49, 51, 54, 70, 69
FLOOR_TOM, LOW_TOM, MID_TOM, HIGH_TOM = 41, 45, 47, 50
# X accent, x beat, o light, g ghost, ? ghost now and then.
_VELOCITIES = {"X": 116, "x": 98, "o": 78, "g": 48, "?": 44}


@dataclass(frozen=True, slots=True)
class Lane:
    """One drum's bar in sixteenths, played while the energy lies in [above, below)."""

    drum: int
    bar: str
    above: float = 0.0
    below: float = 1.1


def _lanes(
    *rows: tuple[int, str] | tuple[int, str, float] | tuple[int, str, float, float],
) -> tuple[Lane, ...]:
    return tuple(Lane(*row) for row in rows)


# Kicks under 0.5 are thinner, so that intros breathe; every groove marks the beat for feet and beat trackers.
GROOVES: dict[str, tuple[Lane, ...]] = {
    "none": (),
    "lofi": _lanes(
        (KICK, "X.........x.....", 0.35), (KICK, "x.......o.......", 0.0, 0.35),
        (SNARE, "....x..?....x..g", 0.35), (RIM, "....o.......o...", 0.0, 0.35),
        (CLOSED, "o.o.o.o.o.o.o.o."), (CLOSED, ".......g.......?", 0.6), (OPEN, "..............g.", 0.6),
    ),
    "boombap": _lanes(
        (KICK, "X......x..x.....", 0.35), (KICK, "x...............", 0.0, 0.35),
        (SNARE, "....X..?....X...", 0.35), (CLOSED, "x.o.x.o.x.o.x.o."), (OPEN, "..............o.", 0.8),
        (RIM, "....o.......o...", 0.0, 0.35),
    ),
    "rnb": _lanes(
        (KICK, "X..o......x..o..", 0.35), (KICK, "x.......o.......", 0.0, 0.35),
        (SNARE, "....x.......x..g", 0.35), (CLAP, "....o.......o...", 0.8), (CLOSED, "x.o.x.og.xo.x.o."),
        (RIM, "....o.......o...", 0.0, 0.35), (MARACAS, "o.g.o.g.o.g.o.g.", 0.8),
    ),
    "trap": _lanes(
        (KICK, "X......x..x.....", 0.35), (KICK, "X...............", 0.0, 0.35),
        (CLAP, "........X.......", 0.35), (SNARE, "........o.......", 0.6), (CLOSED, "x.o.x.o.x.o.x.o."),
        (CLOSED, ".......g...g.g.g", 0.6), (OPEN, "......o.........", 0.8),
        (RIM, "....o.......o...", 0.35),
    ),
    "house": _lanes(
        (KICK, "X...X...X...X...", 0.35), (KICK, "x...x...x...x...", 0.0, 0.35),
        (CLAP, "....X.......X...", 0.5), (OPEN, "..x...x...x...x.", 0.5), (CLOSED, "o.o.o.o.o.o.o.o."),
        (TAMBOURINE, "o.o.x.o.o.o.x.o.", 0.8),
    ),
    "techno": _lanes(
        (KICK, "X...X...X...X..."), (OPEN, "..x...x...x...x.", 0.5), (CLOSED, "o.gog.gog.gog.go", 0.35),
        (CLAP, "....o.......o...", 0.6), (RIM, "...o..o....o..o.", 0.8),
    ),
    "disco": _lanes(
        (KICK, "X...X...X...X...", 0.35), (KICK, "x.......x.......", 0.0, 0.35),
        (SNARE, "....X.......X...", 0.35), (CLOSED, "x.o.x.o.x.o.x.o."), (CLAP, "....x.......x...", 0.8),
    ),
    "funk": _lanes(
        (KICK, "X.....x...x.....", 0.35), (KICK, "x.......o.......", 0.0, 0.35),
        (SNARE, "....X..g.g..X..g", 0.35), (CLOSED, "x.oox.oox.oox.oo", 0.5),
        (CLOSED, "x.o.x.o.x.o.x.o.", 0.0, 0.5), (TAMBOURINE, "....o.......o...", 0.8),
    ),
    "pop": _lanes(
        (KICK, "X.....x.x.......", 0.35), (KICK, "x.......x.......", 0.0, 0.35),
        (SNARE, "....X.......X...", 0.35), (CLOSED, "x.o.x.o.x.o.x.o."), (CLAP, "....x.......x...", 0.8),
        (TAMBOURINE, "o.o.x.o.o.o.x.o.", 0.8), (RIM, "....o.......o...", 0.0, 0.35),
    ),
    "rock": _lanes(
        (KICK, "X.....x.X.x.....", 0.35), (KICK, "X.......x.......", 0.0, 0.35),
        (SNARE, "....X.......X...", 0.35), (CLOSED, "x.o.x.o.x.o.x.o.", 0.0, 0.8),
        (RIDE, "X.x.X.x.X.x.X.x.", 0.8),
    ),
    "punk": _lanes(
        (KICK, "X...x...X...x..."), (SNARE, "..x...x...x...x.", 0.8),
        (SNARE, "....X.......X...", 0.35, 0.8), (CLOSED, "X.x.X.x.X.x.X.x.", 0.0, 0.8),
        (CRASH, "X...x...X...x...", 0.8),
    ),
    "metal": _lanes(
        (KICK, "X..xX..xX..xX..x", 0.35, 0.8), (KICK, "XxxxXxxxXxxxXxxx", 0.8),
        (KICK, "X.......X.......", 0.0, 0.35), (SNARE, "....X.......X...", 0.35),
        (CLOSED, "X...X...X...X...", 0.0, 0.8), (CRASH, "x...x...x...x...", 0.8),
    ),
    "industrial": _lanes(
        (KICK, "X...X..xX...X...", 0.35), (KICK, "X.......X.......", 0.0, 0.35),
        (SNARE, "....X.......X..o", 0.35), (CLOSED, "x.x.x.x.x.x.x.x."),
        (LOW_TOM, "..o..o....o..o..", 0.6), (RIM, "x..x..x...x..x..", 0.5),
    ),
    "breaks": _lanes(
        (KICK, "X.x.......x.....", 0.35), (KICK, "x...............", 0.0, 0.35),
        (SNARE, "....X..g.g..X..g", 0.35), (CLOSED, "x.o.x.o.x.o.x.o."), (RIDE, "x...x...x...x...", 0.8),
    ),
    "swing": _lanes(
        (RIDE, "x...x.o.x...x.o."), (PEDAL, "....x.......x...", 0.3), (KICK, "g...g...g...g...", 0.3),
        (SNARE, "......?...?...g.", 0.6), (RIM, "............o...", 0.8),
    ),
    "shuffle": _lanes(
        (KICK, "X.....o.X.....o.", 0.35), (KICK, "x.......x.......", 0.0, 0.35),
        (SNARE, "....X.......X.g.", 0.35), (RIDE, "x.o.x.o.x.o.x.o.", 0.6),
        (CLOSED, "x.o.x.o.x.o.x.o.", 0.0, 0.6),
    ),
    "bossa": _lanes(
        (KICK, "x.....oox.....oo"), (RIM, "x..x..x...x..x..", 0.35), (CLOSED, "ogogogogogogogog"),
        (CABASA, "o.g.o.g.o.g.o.g.", 0.8),
    ),
    "onedrop": _lanes(
        (KICK, "........X.......", 0.0, 0.8), (KICK, "X...x...X...x...", 0.8),
        (RIM, "........x.......", 0.35), (CLOSED, "o.x.o.x.o.x.o.x."), (OPEN, "..............o.", 0.6),
    ),
    "waltz": _lanes(
        (KICK, "x...........", 0.35), (RIM, "....o...o...", 0.35), (RIDE, "x...o...o...", 0.6),
        (PEDAL, "....g...g..."),
    ),
    "train": _lanes(
        (KICK, "x.......x.......", 0.35), (SNARE, "g.g.X.g.g.g.X.g.", 0.35), (CLOSED, "o...o...o...o..."),
        (SNARE, ".g...g...g...g..", 0.8),
    ),
    "folk": _lanes(
        (KICK, "x.......x.......", 0.35), (TAMBOURINE, "....x.......x...", 0.35),
        (MARACAS, "o.g.o.g.o.g.o.g."), (RIM, "....o.......o...", 0.8),
    ),
    "ballad": _lanes(
        (KICK, "X.......x.......", 0.35), (RIM, "....x.......x...", 0.35, 0.8),
        (SNARE, "....x.......x...", 0.8), (CLOSED, "o...o...o...o...", 0.0, 0.5),
        (CLOSED, "x.o.x.o.x.o.x.o.", 0.5),
    ),
    "cinematic": _lanes(
        (FLOOR_TOM, "X.......x.......", 0.3, 0.6), (FLOOR_TOM, "X..x..x.X..x..x.", 0.8),
        (FLOOR_TOM, "X.....x.X.......", 0.6, 0.8), (LOW_TOM, "....x.......x.x.", 0.8),
        (KICK, "X.......X.......", 0.6), (CLOSED, "g...g...g...g...", 0.3),
    ),
}  # fmt: skip
_SOFT_FILL = {"lofi", "bossa", "swing", "folk", "ballad", "waltz", "onedrop", "rnb", "shuffle"}


def drum_hits(form: Form, feel: Feel, *, groove: str, gentle: bool, extra_percussion: bool) -> list[Hit]:
    """Play the groove from the first bar to the last chord; empty for the groove "none"."""
    lanes = GROOVES[groove]
    if not lanes:
        return []
    hits: list[Hit] = []
    steps = form.beats_per_bar * 4
    for bar in range(-(-form.last_beat // form.beats_per_bar)):
        start = bar * form.beats_per_bar
        passage = form.passage_at((start + 0.01) * form.beat_s)
        fill_from = _fill_start(form, passage, start, groove)
        for lane in _playing(lanes, passage, gentle=gentle, extra=extra_percussion):
            hits += _bar(lane, start, steps, fill_from, form.last_beat, feel, gentle=gentle)
        if fill_from < form.last_beat:
            hits += _fill(fill_from, min(start + form.beats_per_bar, form.last_beat), groove, feel, gentle=gentle)
        if passage.energy >= 0.6 and not gentle and abs(passage.start_s - start * form.beat_s) < 0.01 and bar > 0:
            hits.append(Hit(start, 2.0, CRASH, 100))
    return [*hits, *_last_hit(form, groove, gentle=gentle)]


def _playing(lanes: tuple[Lane, ...], passage: Passage, *, gentle: bool, extra: bool) -> list[Lane]:
    energy = min(passage.energy, 0.62) if gentle else passage.energy
    chosen = [lane for lane in lanes if lane.above <= energy < lane.below]
    if extra and energy >= 0.5 and all(lane.drum not in (TAMBOURINE, MARACAS) for lane in chosen):
        chosen.append(Lane(TAMBOURINE, ("..o.x.o." * 4)[: len(lanes[0].bar)]))
    return chosen


def _bar(lane: Lane, start: int, steps: int, until: float, last_beat: int, feel: Feel, *, gentle: bool) -> list[Hit]:
    hits = []
    for step, mark in enumerate(lane.bar[:steps]):
        beat = start + step / 4
        if mark == "." or beat >= last_beat or (mark == "?" and feel.rng.random() < 0.5):
            continue
        if beat >= until and lane.drum not in (KICK, CLOSED):
            continue  # the fill takes over; kick and hat keep the beat
        hits.append(Hit(beat, 0.25, lane.drum, int(_VELOCITIES[mark] * (0.72 if gentle else 1.0))))
    return hits


def _fill_start(form: Form, passage: Passage, bar_start: int, groove: str) -> float:
    """The beat where a fill begins in this bar; beyond the song where there is none."""
    bar_end_s = (bar_start + form.beats_per_bar) * form.beat_s
    leads_on = abs(passage.end_s - bar_end_s) < 0.01 or abs(form.last_s - bar_end_s) < 0.01
    if not leads_on:
        return float(form.last_beat)
    length = 1.0 if groove in _SOFT_FILL or passage.energy < 0.5 else 2.0
    return max(float(bar_start), bar_start + form.beats_per_bar - length)


def _fill(start: float, end: float, groove: str, feel: Feel, *, gentle: bool) -> list[Hit]:
    drums = (RIM, SNARE) if groove in _SOFT_FILL else feel.rng.choice(_FILLS)
    step = feel.rng.choice((0.25, 0.5)) if groove in _SOFT_FILL or gentle else 0.25
    count = max(0, round((end - start) / step))
    hits = []
    for index in range(count):
        drum = drums[min(index * len(drums) // count, len(drums) - 1)]
        velocity = 62 + 45 * index / max(count, 1)
        if index % 2 and feel.rng.random() < 0.25:
            continue
        hits.append(Hit(start + index * step, 0.25, drum, int(velocity * (0.7 if gentle else 1.0))))
    return hits


_FILLS = (
    (SNARE, HIGH_TOM, MID_TOM, LOW_TOM),
    (SNARE, SNARE, LOW_TOM, FLOOR_TOM),
    (HIGH_TOM, MID_TOM, LOW_TOM, FLOOR_TOM),
    (SNARE, SNARE, SNARE, SNARE),
)


def _last_hit(form: Form, groove: str, *, gentle: bool) -> list[Hit]:
    if gentle or groove in _SOFT_FILL:
        return [Hit(form.last_beat, 2.0, RIDE, 60), Hit(form.last_beat, 0.5, KICK, 70)]
    return [Hit(form.last_beat, 3.0, CRASH, 96), Hit(form.last_beat, 0.5, KICK, 110)]
