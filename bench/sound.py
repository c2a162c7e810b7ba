"""Rendering and finishing half a minute of music with the sketch engine, and whether its tempo and key are heard."""

from __future__ import annotations

from functools import partial

from bench.measure import Row, median_ms
from handlers.serialization import chosen_mood
from pipeline.audio.finishing import finish
from pipeline.backends.sketch.composer import SketchComposer
from pipeline.brief.draft import template_brief
from pipeline.values import Plan, RenderParams, Waveform

RUNS = 5


def measure() -> list[Row]:
    brief = template_brief(chosen_mood("happy"), duration_s=30, seed=7)
    plan = Plan(brief=brief, prompt="", params=RenderParams(duration_s=30, seed=7), mood="happy", genre="pop")
    composer = SketchComposer()

    def compose() -> Waveform:
        return composer.compose(plan, on_progress=lambda _: None, cancelled=lambda: False)

    sound = compose()
    rendering = median_ms(compose, runs=RUNS)
    finishing = median_ms(
        partial(finish, sound, plan, title="Bench", artist="Selfietune", engine=composer.name), runs=RUNS
    )
    return [
        Row("sketch, 30 s of music", rendering, "ms", goal=1500),
        Row("finishing, 30 s of music", finishing, "ms", note="two thirds of it mp3 encoding and decoding"),
    ]
