"""Agent 2's port: a plan becomes a waveform. Engines live in `pipeline.backends`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pipeline.values import Plan, Waveform


class Composer(Protocol):
    """An engine that renders plans. Called from worker threads, as many at once as it has `slots`."""

    @property
    def name(self) -> str:
        """The engine's honest name, as captions and tags show it ("sketch", "musicgen-small")."""

    @property
    def slots(self) -> int:
        """How many songs it renders at the same time."""

    def compose(
        self,
        plan: Plan,
        *,
        melody: Waveform | None = None,
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Waveform:
        """Render the plan; block until done.

        on_progress gets fractions in [0, 1], rising. cancelled is asked at least every 100 ms; once it says
        yes, `Cancelled` is raised. Other failures are `BadInput` or `EngineFailed`.
        """
