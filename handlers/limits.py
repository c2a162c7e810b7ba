"""The numbers that handlers obey; `bot.settings` fills them from the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are seconds. A job's own time-outs lie well above what its engine needs."""

    stale_after_s: float = 30.0  # a song without heartbeat for so long belongs to nobody
    beat_every_s: float = 1.0  # also how late a cancel reaches a running engine at most
    max_attempts: int = 3  # per stage
    read_timeout_s: float = 60.0  # a 60 s video takes about 6 s
    writing_timeout_s: float = 20.0  # both LLM calls together
    render_timeout_s: float = 900.0  # 120 s of music at 7 s of work a second
    deliver_timeout_s: float = 120.0
    database_patience_s: float = 60.0  # how long a job waits for a database that is away
    sweep_every_s: int = 10  # whole seconds of the wall clock, at most 60
    taste_votes: int = 200  # the newest votes that shape a taste
    taste_songs: int = 20
