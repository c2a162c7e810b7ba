"""The numbers that handlers obey, as an operator may change them; `handlers.limits` has those that nobody may."""

from __future__ import annotations

from pydantic import BaseModel, Field

from handlers.limits import Limits


class LimitSettings(BaseModel):
    """Limits.

    In seconds unless said otherwise.
    """

    stale_after_s: float = Field(30.0, gt=0, description="A song without heartbeat for so long is queued again.")
    beat_every_s: float = Field(
        1.0,
        gt=0,
        description="How often a worker shows that it is alive; also how late a cancel reaches the engine at most.",
    )
    sweep_every_s: int = Field(
        10,
        ge=1,
        le=60,
        description="How often workers look for such songs, and for photos that a crash left; 1 to 60.",
    )
    max_attempts: int = Field(3, ge=1, description="How often a stage is tried before the song counts as failed.")
    read_timeout_s: float = Field(
        100.0, gt=0, description="More than the 90 s after which the mood reader gives up a video by itself."
    )
    writing_timeout_s: float = Field(20.0, gt=0, description="For both calls of the language model together.")
    render_timeout_s: float = Field(
        900.0, gt=0, description="For one song; 120 s of music at 7 s of work for each second of it."
    )
    songs_in_work: int = Field(3, ge=1, description="Songs of one person that may be on their way at once.")
    songs_per_day: int = Field(30, ge=1, description="Songs of one person in any 24 hours.")
    ask_s: float = Field(120.0, gt=0, description="How long a question about an unsure mood waits for its answer.")
    card_every_s: float = Field(3.0, gt=0, description="A status card is edited at most so often.")
    slow_card_every_s: float = Field(5.0, gt=0, description="The same in groups.")
    deliver_patience_s: float = Field(
        600.0,
        gt=0,
        description='How long a chat platform may answer "later" before that counts as a failed attempt.',
    )

    @property
    def limits(self) -> Limits:
        return Limits(**{name: getattr(self, name) for name in LimitSettings.model_fields})
