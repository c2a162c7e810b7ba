"""The time line of a song: contiguous sections from 0 to the end, none shorter than 3 s."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.values import Section

SHORTEST_S = 3
MOST = 6


def fit_sections(sections: Sequence[Section], duration_s: float) -> tuple[Section, ...]:
    """Fit proposed sections to the duration; order and proportions stay as far as the limits allow.

    Borders between sections are whole seconds. When there are too many, the first, the last and the longest stay.
    """
    room = max(1, min(MOST, int(duration_s) // SHORTEST_S))
    kept = _most_important(sorted(sections, key=_start), room)
    borders = _borders([_length(section) for section in kept], duration_s)
    return tuple(
        Section(start, end, section.text) for section, start, end in zip(kept, borders, borders[1:], strict=False)
    )


def evenly(texts: Sequence[str], shares: Sequence[float], duration_s: float) -> tuple[Section, ...]:
    """Make sections from texts and their shares of the duration."""
    ends = [sum(shares[: index + 1]) / sum(shares) * duration_s for index in range(len(texts))]
    raw = [Section(start, end, text) for start, end, text in zip([0.0, *ends], ends, texts, strict=False)]
    return fit_sections(raw, duration_s)


def _most_important(sections: list[Section], room: int) -> list[Section]:
    if len(sections) <= room:
        return sections
    last = len(sections) - 1
    longest_first = sorted(range(1, last), key=lambda index: (-_length(sections[index]), index))
    ends = [last, 0] if room > 1 else []
    main = longest_first[:1] or [last]
    chosen = [*main, *ends, *longest_first[1:]][:room]
    return [sections[index] for index in sorted(set(chosen))]


def _borders(lengths: list[float], duration_s: float) -> list[float]:
    whole, count, total = int(duration_s), len(lengths), sum(lengths)
    borders: list[float] = [0.0]
    for index in range(1, count):
        wanted = round(sum(lengths[:index]) / total * duration_s)
        latest = whole - SHORTEST_S * (count - index)
        borders.append(float(min(max(wanted, int(borders[-1]) + SHORTEST_S), latest)))
    return [*borders, float(duration_s)]


def _start(section: Section) -> float:
    return section.start_s if math.isfinite(section.start_s) else 0.0


def _length(section: Section) -> float:
    """Give a section's length, or a short one's when its times make no sense."""
    length = section.end_s - section.start_s
    return min(length, 600.0) if math.isfinite(length) and length > 0 else float(SHORTEST_S)
