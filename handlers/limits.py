"""The limits of handlers; `bot.settings` fills them from the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are seconds. A job's own time-outs lie well above what its engine needs."""

    stale_after_s: float = 30.0  # after so long without a heartbeat a lease is expired
    beat_every_s: float = 1.0  # also how late a cancel reaches a running engine at most
    max_attempts: int = 3  # per stage
    read_timeout_s: float = 100.0  # a 60 s video takes about 6 s; the reader gives up by itself after 90
    writing_timeout_s: float = 20.0  # both LLM calls together
    render_timeout_s: float = 900.0  # 120 s of music at 7 s of work a second
    deliver_timeout_s: float = 120.0
    database_patience_s: float = 60.0  # how long a job waits for a database that is away
    sweep_every_s: int = 10  # whole seconds of the wall clock, at most 60
    taste_votes: int = 200  # the newest votes that shape a taste
    taste_songs: int = 20
    songs_in_work: int = 3  # per person
    songs_per_day: int = 30  # per person, in any 24 hours
    ask_s: float = 120.0  # how long a question about the mood waits for its answer
    card_every_s: float = 3.0  # a status card moves at most so often; vote counts too
    slow_card_every_s: float = 5.0  # in groups, where every edit counts against a limit of the platform
    double_press_s: float = 0.7  # the same vote again within this time is a double click, no change of mind
    deliver_patience_s: float = 600.0  # how long a chat may say "later" before it counts as a failed attempt
    link_code_s: float = 600.0
    link_tries: int = 5  # wrong codes per person within link_code_s
    remember_keys_s: float = 7 * 86_400.0  # update ids; platforms deliver again for a day at most
