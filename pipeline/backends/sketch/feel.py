"""Feel: from exact beats to played seconds, with swing, human timing and dynamics."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from pipeline.backends.sketch.form import Form
from pipeline.backends.sketch.score import Note
from pipeline.backends.sketch.styles import Style


@dataclass(frozen=True, slots=True)
class Hit:
    """A note on paper: beats, before anybody plays it."""

    beat: float
    beats: float
    pitch: int
    velocity: int
    delay_s: float = 0.0  # strummed strings sound one after another


@dataclass(frozen=True, slots=True)
class Feel:
    """One player's hands."""

    form: Form
    style: Style
    rng: random.Random

    def play(self, hits: list[Hit]) -> tuple[Note, ...]:
        """Turn hits into notes inside the song, in order of time."""
        kept = [cut for hit in sorted(hits, key=_order) if (cut := self._around_rest(hit)) is not None]
        notes = [self._note(hit) for hit in kept]
        return tuple(sorted(notes, key=lambda note: (note.start_s, note.pitch)))

    def _note(self, hit: Hit) -> Note:
        late = self.rng.gauss(0.0, self.style.looseness_ms / 1000)
        bound = 2.5 * self.style.looseness_ms / 1000
        start = self._swung(hit.beat) * self.form.beat_s + hit.delay_s + max(-bound, min(bound, late))
        start = max(0.0, start)
        length = max(0.05, hit.beats * self.form.beat_s - hit.delay_s)
        velocity = hit.velocity * self._level(hit.beat) + self.rng.gauss(0.0, 4.0)
        end = min(start + length, self.form.duration_s - 0.25)
        return Note(start, max(end, start + 0.03), max(0, min(127, hit.pitch)), max(1, min(127, int(velocity))))

    def _around_rest(self, hit: Hit) -> Hit | None:
        """The hit without what would sound in the band's sudden rest."""
        rest = self.form.rest_beat
        if rest is None or hit.beat >= rest + 1 or hit.beat + hit.beats <= rest:
            return hit
        return None if hit.beat >= rest else replace(hit, beats=rest - hit.beat)

    def _swung(self, beat: float) -> float:
        unit = 0.5 if self.style.swung_eighths else 0.25
        pair, rest = divmod(beat, 2 * unit)
        late = 2 * unit * self.style.swing
        if rest < unit:
            return pair * 2 * unit + rest * late / unit
        return pair * 2 * unit + late + (rest - unit) * (2 * unit - late) / unit

    def _level(self, beat: float) -> float:
        """Loudness by passage: 0.67 in a sparse one, 1.0 in the fullest, growing where the text says so."""
        second = beat * self.form.beat_s
        if beat >= self.form.last_beat:
            return 0.85
        passage = self.form.passage_at(second)
        level = 0.52 + 0.5 * passage.energy
        if passage.rising:
            done = (second - passage.start_s) / max(passage.end_s - passage.start_s, 0.1)
            level *= 0.82 + 0.25 * done
        return level


def _order(hit: Hit) -> tuple[float, int, int]:
    return hit.beat, hit.pitch, hit.velocity
