"""Form: the brief's sections on a bar grid, each with an energy, and where the last chord falls."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.backends.sketch.score import Passage
from pipeline.values import Brief, Section

_HIGH = r"chorus|drop|climax|full|intensif|peak|lift|hook|double kick|sting|extra layers|big\b|finale|energetic"
_LOW = r"intro|sparse|breakdown|soft|outro|mellow|intimate|quiet|calm|fade|ambient|noisy|minimal|gentle|ending"
_RISING = r"build|riser|rise|tension|crescendo|grow|evolving|swell"
_MID = r"main|groove|theme|verse|riff|pulse|pattern|body|melody"
_RING_S = (1.4, 4.0)  # how long the last chord may ring


@dataclass(frozen=True, slots=True)
class Form:
    """The song's clock: beat k sounds at k × beat_s; the last chord is struck on `last_beat`."""

    duration_s: float
    beat_s: float
    beats_per_bar: int
    last_beat: int
    passages: tuple[Passage, ...]
    rest_beat: int | None = None  # one beat in which everybody stops

    @property
    def last_s(self) -> float:
        return self.last_beat * self.beat_s

    @property
    def bar_s(self) -> float:
        return self.beat_s * self.beats_per_bar

    def passage_at(self, second: float) -> Passage:
        """The passage that sounds at `second`; the last one from its start to the end of the song."""
        return next((passage for passage in self.passages if second < passage.end_s - 1e-6), self.passages[-1])


def plan_form(brief: Brief, duration_s: float, *, beats_per_bar: int, sudden: bool) -> Form:
    """Lay the sections on the grid; tempo is clamped to 30–260 beats a minute.

    `sudden` lets the band stop for the beat before the second section.
    """
    beat_s = 60.0 / min(max(brief.bpm, 30), 260)
    ring_s = min(max(0.1 * duration_s, _RING_S[0]), _RING_S[1])
    beats = max(1, int((duration_s - ring_s) / beat_s))
    # The last chord wants a downbeat; half a bar will do where a whole one would leave a long silence.
    unit = beats_per_bar if beats % beats_per_bar * beat_s <= 1.2 else max(1, beats_per_bar // 2)
    last_beat = beats - beats % unit if beats >= unit else beats
    passages = _passages(brief.sections, duration_s, beat_s, beats_per_bar, last_beat)
    rest = round(passages[0].end_s / beat_s) - 1 if sudden and len(passages) > 1 else None
    return Form(duration_s, beat_s, beats_per_bar, last_beat, passages, rest)


def _passages(
    sections: tuple[Section, ...], duration_s: float, beat_s: float, beats_per_bar: int, last_beat: int
) -> tuple[Passage, ...]:
    bar_s, last_s = beat_s * beats_per_bar, last_beat * beat_s
    planned = _cover(sections, duration_s)
    energies = [_energy(section, index, len(planned)) for index, section in enumerate(planned)]
    top = max(energies)
    passages: list[Passage] = []
    start = 0.0
    for section, energy in zip(planned, energies, strict=True):
        end = round(section.end_s / bar_s) * bar_s if section is not planned[-1] else duration_s
        end = end if section is planned[-1] else min(end, last_s)
        if end - start < 0.9 * beat_s:
            continue  # shorter than a beat on this grid: its neighbour takes the time
        rising = bool(re.search(_RISING, section.text.lower()))
        passages.append(Passage(start, end, energy, rising, energy == top))
        start = end
    return tuple(passages) or (Passage(0.0, duration_s, 0.65, rising=False, climax=True),)


def _cover(sections: tuple[Section, ...], duration_s: float) -> tuple[Section, ...]:
    """Sections that reach from 0 to the end; three standard ones where none or one long one is given."""
    usable = [section for section in sections if section.end_s > section.start_s >= 0]
    if not usable or (len(usable) == 1 and duration_s >= 12):
        text = usable[0].text if usable else "main"
        cuts = (0.0, 0.25 * duration_s, 0.7 * duration_s, duration_s)
        names = (f"intro: {text}", f"main: {text}", f"lift: {text}")
        return tuple(Section(a, b, name) for a, b, name in zip(cuts, cuts[1:], names, strict=False))
    usable.sort(key=lambda section: section.start_s)
    scale = duration_s / usable[-1].end_s
    ends = [section.end_s * scale for section in usable]
    starts = [0.0, *ends[:-1]]
    return tuple(Section(a, b, section.text) for a, b, section in zip(starts, ends, usable, strict=True))


def _energy(section: Section, index: int, count: int) -> float:
    words = section.text.lower()
    # A section is what its text names first: "soft breakdown of the main theme" is soft.
    places = {
        level: match.start()
        for level, pattern in ((0.95, _HIGH), (0.3, _LOW), (0.66, _MID), (0.5, _RISING))
        if (match := re.search(pattern, words))
    }
    if places:
        energy = min(places, key=lambda level: places[level])
        if energy == 0.5:  # what rises starts low and ends high
            return 0.4 if index == 0 and count > 1 else 0.85 if index == count - 1 else 0.55
        if energy == 0.3 and index == count - 1 and 0.95 in places:
            return 0.95
        return energy + (0.02 * index if energy == 0.66 else 0.0)
    if index == 0 and count > 1:
        return 0.4
    return 0.9 if index == count - 1 else 0.66 + 0.02 * index
