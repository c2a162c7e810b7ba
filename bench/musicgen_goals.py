"""What MusicGen's decoder is meant to reach, and whether a run of the bench did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str | float | None]

# On two cores, one song: times audiocraft's decoder. Four at once: per song, whatever the precision.
TIMES_ALONE = {"ours fp32": 5.0, "ours bf16": 9.0, "ours int8": 14.0}
TIMES_OF_FOUR = 18.0
SHARE_OF_MEMORY = 0.6  # bf16, one song
# On an H200-class GPU, in bf16 with guidance.
GPU_MS = {"small": 0.6, "medium": 1.6, "large": 2.6}
GPU_SIXTEEN = 2.0  # songs at once take at most so many times as long as one


@dataclass(frozen=True)
class Outcome:
    """A goal and what was measured."""

    what: str
    value: float
    goal: float
    at_least: bool

    @property
    def reached(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def __str__(self) -> str:
        sign, mark = ("≥" if self.at_least else "≤"), ("✓" if self.reached else "✗")
        return f"{mark} {self.what}: {self.value:.2f} (goal {sign} {self.goal:g})"


def outcomes(rows: Sequence[Row], *, device: str) -> list[Outcome]:
    """Hold the rows of a run against the goals that concern them."""
    judge: Callable[[Row, Sequence[Row]], list[Outcome]] = _on_gpu if device == "cuda" else _on_cpu
    return [outcome for row in rows for outcome in judge(row, rows)]


def _on_cpu(row: Row, _: Sequence[Row]) -> list[Outcome]:
    name, songs, times, share = (row[key] for key in ("name", "songs", "times_audiocraft_each", "share_of_bandwidth"))
    where, found = f"{name}, {row['past']} tokens in", list[Outcome]()
    if songs == 1 and name in TIMES_ALONE and times is not None:
        found.append(Outcome(f"{where}, one song, × audiocraft", float(times), TIMES_ALONE[str(name)], at_least=True))
    if songs == 4 and name in TIMES_ALONE and times is not None:
        found.append(Outcome(f"{where}, each of four, × audiocraft", float(times), TIMES_OF_FOUR, at_least=True))
    if songs == 1 and name == "ours bf16" and share is not None:
        found.append(
            Outcome(f"{where}, one song, share of memory's speed", float(share), SHARE_OF_MEMORY, at_least=True)
        )
    return found


def _on_gpu(row: Row, rows: Sequence[Row]) -> list[Outcome]:
    size, name, past, ms = str(row["size"]), row["name"], row["past"], row["ms_per_step"]
    if name != "ours bf16" or ms is None:
        return []
    if row["songs"] == 1 and size in GPU_MS:
        return [Outcome(f"{size}, {past} tokens in, ms a step", float(ms), GPU_MS[size], at_least=False)]
    alone = [r["ms_per_step"] for r in rows if (r["size"], r["name"], r["past"], r["songs"]) == (size, name, past, 1)]
    if row["songs"] == 16 and alone and alone[0]:
        ratio = float(ms) / float(alone[0])
        return [Outcome(f"{size}, {past} tokens in, 16 songs against one", ratio, GPU_SIXTEEN, at_least=False)]
    return []
