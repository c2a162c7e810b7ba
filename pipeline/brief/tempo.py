"""Move a tempo into a range without changing its feel; `rules.py` calls this."""

from __future__ import annotations

import math

SLOWEST, FASTEST = 30, 300  # BPM; what listeners set beyond is read as "as slow" or "as fast as it goes"


def wished_range(bpm_min: int | None, bpm_max: int | None) -> tuple[int, int] | None:
    """Give the listener's range in BPM, lower end first; None when none (or 0) is set."""
    low = bpm_min if bpm_min is not None and bpm_min > 0 else None
    high = bpm_max if bpm_max is not None and bpm_max > 0 else None
    if low is None and high is None:
        return None
    low, high = low or SLOWEST, high or FASTEST
    low, high = min(max(low, SLOWEST), FASTEST), min(max(high, SLOWEST), FASTEST)
    return (low, high) if low <= high else (high, low)


def move_into(bpm: int, allowed: tuple[int, int]) -> int:
    """Give the tempo within the range that changes the feel least.

    A tempo inside stays. Else it moves to the nearer end of the range, unless that end lies more than half an
    octave (a factor of 1.41) away: there it is nearer to double or half time, so exactly that is taken where
    the range holds it (70 in 120–160 becomes 140, felt as 70; in 75–160 it becomes 75).
    """
    low, high = allowed
    nearest = min(max(bpm, low), high)
    if bpm <= 0 or abs(math.log2(nearest / bpm)) <= 0.5:
        return nearest
    other = bpm * 2 if nearest > bpm else round(bpm / 2)
    return other if low <= other <= high else nearest


def feel(before: int, after: int) -> str:
    """Say "half-time" when the tempo was about doubled (felt every second beat), "double-time" if halved."""
    octaves = math.log2(after / before)
    if abs(octaves) < 0.9:
        return ""
    return "half-time" if octaves > 0 else "double-time"
