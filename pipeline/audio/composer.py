"""Agent 2's port: a plan becomes a waveform. Engines live in `pipeline.backends`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from pipeline.values import Plan, Waveform

Kind = Literal["synthesised", "generative"]  # plays notes on sampled instruments; samples from a trained model


class Composer(Protocol):
    """An engine that renders plans. Called from worker threads, as many at once as it has `slots`."""

    @property
    def name(self) -> str:
        """The engine's honest name, as captions and tags show it ("sketch", "musicgen-small")."""

    @property
    def kind(self) -> Kind:
        """How it makes sound; captions say so."""

    @property
    def slots(self) -> int:
        """How many songs it renders at the same time."""

    @property
    def made_with(self) -> Mapping[str, str]:
        """What besides the recipe decides how a song sounds: library versions, a model's revision."""

    @property
    def licence(self) -> str | None:
        """What captions must say of a song's use: "noncommercial" for the text `licence_noncommercial`; or None."""

    @property
    def licence_note(self) -> str | None:
        """What a song's tags must say of its use, in English, or None."""

    @property
    def takes_melody(self) -> bool:
        """Whether it follows a melody; it must not be given one otherwise."""

    @property
    def can_extend(self) -> bool:
        """Whether it goes on from an earlier song; it must not be given one otherwise."""

    @property
    def broken(self) -> bool:
        """Whether nothing can be rendered until a new process loads the engine."""

    def close(self) -> None:
        """Stop its threads; nothing is rendered afterwards."""

    def compose(
        self,
        plan: Plan,
        *,
        melody: Waveform | None = None,
        extend: Waveform | None = None,
        listener: int | None = None,
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Waveform:
        """Render the plan, with `extend` from that sound's end on until the plan's duration; block until done.

        Where songs wait for slots, those of different listeners take turns.

        on_progress gets fractions in [0, 1], rising. cancelled is asked at least every 100 ms; once it says
        yes, `Cancelled` is raised. Other failures are `BadInput` or `EngineFailed`.
        """
