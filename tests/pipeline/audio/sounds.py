"""Small synthetic sounds and a plan for the finishing tests, and ffmpeg's own meter as second opinion."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import imageio_ffmpeg
import numpy as np

from pipeline.values import Brief, EmotionLabel, Plan, Reason, RenderParams, Section, Waveform

Samples = np.ndarray[tuple[int, ...], np.dtype[np.floating]]

RATE = 32_000


def sound(kind: str, *, seconds: float = 6.0, rate: int = RATE, channels: int = 2) -> Waveform:
    """Make a test sound; the second channel is a little quieter than the first."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(7).standard_normal(len(t))
    makers: dict[str, Callable[[], Samples]] = {
        "square": lambda: 0.99 * np.sign(np.sin(2 * np.pi * 220 * t)),
        "quiet sine": lambda: 0.004 * np.sin(2 * np.pi * 440 * t),
        "noise bursts": lambda: noise * np.exp(-((2 * t) % 1) * 8),
        "kicks": lambda: np.sin(2 * np.pi * 60 * t) * np.exp(-((2 * t) % 1) * 15) + 0.02 * noise,
        "clicks": lambda: 0.8 * ((np.arange(len(t)) % rate) < 20),
        "dying chord": lambda: np.exp(-7 * t / seconds) * np.sin(2 * np.pi * np.outer((220, 277, 330), t)).sum(axis=0),
        "silence": lambda: np.zeros(len(t)),
    }
    gains = np.array([1.0, 0.8])[:channels, None]
    return Waveform((gains * makers[kind]()).astype(np.float32), rate)


def plan(*, seconds: float = 6.0, mood: EmotionLabel = "happy", key: str | None = "C major") -> Plan:
    sections = (Section(0, seconds / 3, "catchy intro"), Section(seconds / 3, seconds, "main groove"))
    brief = Brief(
        style="cheerful pop",
        mood="bright, playful",
        bpm=124,
        key=key,
        instruments=("acoustic guitar", "钢琴"),
        sections=sections,
        mix=("bright",),
        avoid=("vocals",),
        description="Sunny 🌞",
    )
    params = RenderParams(duration_s=seconds, seed=2**53 + 1, model="facebook/musicgen-small")
    return Plan(brief, "A bright, playful cheerful pop track.", params, mood, "pop", Reason("liked", "pop", 7, 9))


def ffmpeg_meter(audio: bytes) -> tuple[float, float]:
    """Measure integrated loudness (LUFS) and true peak (dBTP) with ffmpeg's ebur128 filter."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", "pipe:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    text = subprocess.run(command, input=audio, capture_output=True, check=True, timeout=60).stderr.decode()
    summary = text[text.rindex("Summary:") :]
    loudness, peak = re.search(r"I:\s+(\S+) LUFS", summary), re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert loudness
    assert peak
    return float(loudness[1]), float(peak[1])
