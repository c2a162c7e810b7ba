"""The mix words of a brief ("warm, wide, vinyl hiss") as numbers for the mixer."""

from __future__ import annotations

import re

from pipeline.backends.sketch.score import Ambience, Sound
from pipeline.backends.sketch.styles import Style
from pipeline.values import Brief

_TILTS = (
    (r"warm|smooth highs|mellow|soft", -2.0),
    (r"dark|deep|minimal highs", -4.0),
    (r"bright|crisp|glossy|presence", 2.5),
)


def read_sound(brief: Brief, style: Style) -> Sound:
    """Shape the mix by the brief's mix and instrument words on top of the style's own."""
    words = " ".join(brief.mix).lower()
    tilt = sum(gain for pattern, gain in _TILTS if re.search(pattern, words))
    width = 1.25 if "wide" in words else 0.6 if re.search(r"narrow|mono|intimate", words) else 1.0
    dry = re.search(r"\bdry\b|minimal reverb(?! on)|tight", words)
    wet = re.search(r"reverb(?! on drums)|spacious|cavern|hall|airy|lush", words)
    reverb = style.reverb * (0.6 if dry else 1.4 if wet else 1.0)
    drive = style.drive + (0.25 if re.search(r"saturat|distort|gritty|crush", words) else 0.0)
    return Sound(max(-6.0, min(4.0, tilt)), width, reverb, min(drive, 1.0), _ambience(brief, style))


def _ambience(brief: Brief, style: Style) -> Ambience:
    named = " ".join((*brief.instruments, *brief.mix)).lower()
    avoided = " ".join(brief.avoid).lower()
    if re.search(r"hiss|crackl|vinyl|noise", avoided):
        return ""
    if re.search(r"vinyl|crackl", named):
        return "vinyl"
    if re.search(r"rain|wind|waves|field record", named):
        return "wind"
    return "tape" if re.search(r"tape hiss|\bnoise\b", named) else style.ambience
