"""The lead sheet: key, form and a chord for every bar, which all players read from."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.backends.sketch.bass import Stretch
from pipeline.backends.sketch.form import Form
from pipeline.backends.sketch.harmony import Chord, Progressions, choose_progressions, voice
from pipeline.backends.sketch.score import Key, stream
from pipeline.backends.sketch.styles import Style
from pipeline.values import Plan


@dataclass(frozen=True, slots=True)
class Sheet:
    """One song on paper; stretches and voicings run in parallel, one a bar."""

    plan: Plan
    style: Style
    key: Key
    form: Form
    stretches: tuple[Stretch, ...]
    voicings: tuple[tuple[int, ...], ...]
    last: Chord
    seed: int


def write_sheet(plan: Plan, style: Style, key: Key, form: Form) -> Sheet:
    """Choose the progressions and lay them under the form."""
    rng = stream(plan.params.seed, "harmony")
    chords = choose_progressions(
        key,
        plan.mood,
        rng,
        extensions=style.extensions,
        cyclic=style.extensions == 2 and style.name != "ambient",
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
