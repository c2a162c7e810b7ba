"""/genres, /instruments, /tempo, /avoid: what a listener asks of every song, by words or by toggles."""

from __future__ import annotations

import re

PER_ROW, ROWS = 3, 4  # Discord shows five rows of buttons; the last one turns pages


def slug(name: str) -> str:
    """A known name as a button carries it: "R&B" is "r_b"."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
