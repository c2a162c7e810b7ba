"""Plans for the tests of the composer, and the composer that most of them share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.musicgen.composer import MusicGenComposer, Options, open_composer
from pipeline.values import Brief, Plan, RenderParams, Waveform
from tests.pipeline.backends.musicgen.reference import PROMPT

BRIEF = Brief("lofi", "warm", 80, "A minor", ("piano",), (), (), ("vocals",))


def plan(seed: int = 1, **params: Any) -> Plan:
    return Plan(BRIEF, PROMPT, RenderParams(**{"duration_s": 5.0, "seed": seed, **params}), "happy", "lofi")


def render(composer: MusicGenComposer, what: Plan, **more: Any) -> Waveform:
    return composer.compose(what, on_progress=lambda _: None, cancelled=lambda: False, **more)


@pytest.fixture(scope="module")
def composer(home: Path) -> Iterator[MusicGenComposer]:
    composer = open_composer("text", home, Options(device="cpu", precision="fp32", slots=2))
    yield composer
    composer.close()
