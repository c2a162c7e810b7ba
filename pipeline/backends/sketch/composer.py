"""The sketch engine behind the Composer port: arranges by rule, plays samples, needs no model and no GPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from pipeline.audio.composer import Kind
from pipeline.backends.sketch.arrangement import arrange
from pipeline.backends.sketch.mixing import Mixer
from pipeline.backends.sketch.rendering import SAMPLE_RATE, Player, find_soundfont
from pipeline.errors import BadInput, Cancelled
from pipeline.values import MAX_DURATION_S, MIN_DURATION_S, Plan, Waveform

LIBRARIES = ("numpy", "scipy", "tinysoundfont", "pretty_midi")  # the last one brings the sounds
_RENDERED = 0.85  # share of the work that playing the tracks is; the rest is mixing


class SketchComposer:
    """A composer with no state between songs; any number may run at once, `slots` says how many pay off."""

    def __init__(self, *, slots: int = 2, soundfont: Path | None = None) -> None:
        """Use the given SoundFont, or the one that comes with the dependencies."""
        self._slots = slots
        self._soundfont = soundfont or find_soundfont()

    @property
    def name(self) -> str:
        return "sketch"

    @property
    def kind(self) -> Kind:
        return "synthesised"

    @property
    def slots(self) -> int:
        return self._slots

    @property
    def made_with(self) -> Mapping[str, str]:
        return {library: version(library) for library in LIBRARIES}

    @property
    def licence(self) -> None:
        return None

    @property
    def licence_note(self) -> None:
        """Its sounds are free for any use."""
        return None

    @property
    def takes_melody(self) -> bool:
        return False

    @property
    def can_extend(self) -> bool:
        return False

    @property
    def broken(self) -> bool:
        return False

    def close(self) -> None:
        """It has nothing open."""

    def compose(
        self,
        plan: Plan,
        *,
        melody: Waveform | None = None,  # noqa: ARG002  (part of the port; this engine follows no melody)
        extend: Waveform | None = None,  # noqa: ARG002  (nor an earlier song)
        listener: int | None = None,  # noqa: ARG002  (part of the port; every song has its turn at once)
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Waveform:
        """Render the plan: stereo, 44.1 kHz, peak ≤ 0.89, as long as asked to the sample.

        Raises BadInput("bad_duration", …) outside 5–120 s, EngineFailed("soundfont_broken"), Cancelled.
        """
        _check_duration(plan.params.duration_s)
        if cancelled():
            raise Cancelled
        on_progress(0.0)
        score = arrange(plan)
        player, mixer = Player(self._soundfont), Mixer(score, cancelled=cancelled)
        frames = round(score.duration_s * SAMPLE_RATE)
        for index, track in enumerate(score.tracks, start=1):
            mixer.add(track, player.play(track, frames, cancelled=cancelled))
            on_progress(_RENDERED * index / len(score.tracks))
        samples = mixer.finish()
        on_progress(1.0)
        return Waveform(samples, SAMPLE_RATE)


def _check_duration(duration_s: float) -> None:
    if not (math.isfinite(duration_s) and MIN_DURATION_S <= duration_s <= MAX_DURATION_S):
        raise BadInput("bad_duration", low=int(MIN_DURATION_S), high=int(MAX_DURATION_S))
