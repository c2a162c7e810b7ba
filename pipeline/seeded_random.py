"""Seeded chance: one independent stream per purpose, so that changing one choice shifts no other."""

from __future__ import annotations

from random import Random


def rng_for(seed: int, purpose: str) -> Random:
    """A stream that gives the same numbers for the same seed and purpose on every platform."""
    return Random(f"{purpose}:{seed}")  # noqa: S311  (music, not secrets)
