"""Plans that the sketch engine's tests compose."""

from __future__ import annotations

from dataclasses import replace

from pipeline.backends.sketch.composer import SketchComposer
from pipeline.values import Brief, EmotionLabel, Plan, RenderParams, Section, Waveform

SAD = Brief(
    style="melancholic lofi piano",
    mood="warm, wistful",
    bpm=70,
    key="A minor",
    instruments=("soft piano", "warm pads", "subtle vinyl hiss", "gentle percussion"),
    sections=(
        Section(0, 8, "sparse intro"),
        Section(8, 22, "main theme with light bass"),
        Section(22, 30, "soft breakdown"),
    ),
    mix=("warm", "wide", "smooth highs"),
    avoid=("vocals", "heavy drums", "harsh leads"),
)
ANGRY = replace(
    SAD,
    style="aggressive heavy rock/metal",
    mood="furious",
    bpm=150,
    key="E minor",
    instruments=("distorted rhythm guitars", "tight bass", "punchy drums", "occasional leads"),
    sections=(
        Section(0, 6, "short intro"),
        Section(6, 22, "main riff"),
        Section(22, 30, "intensified chorus with double kicks"),
    ),
    mix=("punchy", "tight"),
    avoid=("pads", "vocals", "orchestral strings"),
)
HAPPY = replace(
    ANGRY,
    style="cheerful upbeat pop/EDM",
    bpm=124,
    key="C major",
    instruments=("acoustic guitar strums", "bright synth lead", "plucky arps", "punchy kick", "warm bass"),
    mix=("bright", "wide stereo"),
    avoid=("vocals", "harsh distortion"),
)
BALLAD = replace(
    SAD,
    style="2000s Mandopop R&B ballad",
    bpm=94,
    instruments=(
        "warm Rhodes chords",
        "clean electric guitar licks",
        "silky synth pads",
        "deep sub-bass",
        "crisp snare",
    ),
    avoid=("heavy rock distortion",),
)


def plan_of(brief: Brief, *, mood: EmotionLabel = "sad", seed: int = 1, duration_s: float = 12.0) -> Plan:
    """A plan whose sections are stretched to the duration."""
    scale = duration_s / brief.sections[-1].end_s if brief.sections else 1.0
    sections = tuple(Section(s.start_s * scale, s.end_s * scale, s.text) for s in brief.sections)
    return Plan(
        replace(brief, sections=sections),
        "",
        RenderParams(duration_s=duration_s, seed=seed),
        mood,
        brief.style,
    )


def compose(plan: Plan) -> Waveform:
    return SketchComposer().compose(plan, on_progress=lambda _: None, cancelled=lambda: False)
