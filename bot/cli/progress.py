"""The progress of a song on stderr: one line per stage, a bar while it renders."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from handlers.texts import sentence
from storage.song_states import ENDS, SongState

STAGES = (
    SongState.RECEIVED,
    SongState.READING,
    SongState.DRAFTING,
    SongState.QUEUED,
    SongState.RENDERING,
    SongState.DELIVERING,
)
TICKS_PER_S = 12


class Progress:
    """Shows the stages as they pass. On a pipe it prints a line each instead of drawing."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=TICKS_PER_S, transient=True)
        self._began: dict[SongState, float] = {}
        self._spinner = Spinner("dots")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.__exit__(kind, error, trace)

    def show(self, status: SongState, fraction: float | None) -> None:
        """Tell where the song is now."""
        fresh = status not in self._began
        self._began.setdefault(status, time.monotonic())
        if self._console.is_terminal:
            self._live.update(self._table(status, fraction))
        elif fresh:
            self._console.print(self._name(status), highlight=False)

    def _table(self, status: SongState, fraction: float | None) -> Table:
        table = Table.grid(padding=(0, 2))
        for stage in STAGES:
            if stage not in self._began:
                continue
            if stage == status:
                bar = ProgressBar(total=1.0, completed=fraction or 0.0, width=30)
                table.add_row(self._spinner, self._name(stage), bar if stage == SongState.RENDERING else "")
            elif status in ENDS or STAGES.index(stage) < STAGES.index(status):
                table.add_row(Text("✓", "green"), self._name(stage), Text(self._took(stage), "dim"))
        return table

    def _took(self, stage: SongState) -> str:
        later = [began for began in self._began.values() if began > self._began[stage]]
        return f"{min(later, default=time.monotonic()) - self._began[stage]:.1f} s"

    def _name(self, stage: SongState) -> str:
        return sentence(self._locale, f"stage_{stage.value}")
