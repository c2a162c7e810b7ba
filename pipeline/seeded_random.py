"""Seeded random numbers: an independent stream for each purpose, so that a changed choice changes no other."""

from __future__ import annotations

from random import Random


def rng_for(seed: int, purpose: str) -> Random:
    """Give the stream for a seed and purpose; its numbers are the same on every platform."""
    return Random(f"{purpose}:{seed}")  # noqa: S311  (music, not secrets)
