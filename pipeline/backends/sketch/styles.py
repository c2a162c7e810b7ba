"""Styles: which groove, bass, comping and sounds a free-text style asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.backends.sketch.score import Ambience


@dataclass(frozen=True, slots=True)
class Style:
    """How a style plays. Names refer to rhythm.GROOVES, bass.LINES and comping.PATTERNS."""

    name: str
    words: str  # regular expression that recognises it
    groove: str
    bass: str
    comp: str
    chords: int  # General MIDI programs, one for each seat
    pad: int
    lead: int
    arp: int | None
    bass_program: int
    kit: int = 0
    swing: float = 0.5  # where the second half of a swung pair begins
    swung_eighths: bool = False  # else sixteenths
    extensions: int = 0  # 1 sevenths, 2 ninths
    pentatonic: bool = False
    looseness_ms: float = 5.0
    ducked: bool = False
    beats_per_bar: int = 4
    reverb: float = 1.0
    drive: float = 0.2
    ambience: Ambience = ""
    lead_density: float = 0.6


# The first whose words occur wins, so that "lofi jazz" and "trap metal" are what their first word says.
STYLES: tuple[Style, ...] = (
    Style("lofi", r"lo-?\s?fi|chill\s?hop|study beats", "lofi", "roots", "lazy", 4, 89, 11, None, 32, 40,
          swing=0.58, extensions=2, pentatonic=True, looseness_ms=9, ambience="vinyl", lead_density=0.4),
    Style("drum and bass", r"drum\s?(and|&|n|'n')\s?bass|\bdnb\b|d&b|jungle|breakbeat", "breaks", "sub",
          "stabs", 5, 90, 81, 81, 38, 24, looseness_ms=2, extensions=1, drive=0.4, lead_density=0.5),
    Style("synthwave", r"synth\s?-?wave|retro\s?wave|vapor|80s synth|outrun", "disco", "eighths", "pad",
          81, 90, 81, 80, 38, 24, ducked=True, looseness_ms=1, drive=0.35, reverb=1.3),
    Style("city pop", r"city\s?pop|shibuya", "funk", "syncopated", "push", 4, 50, 61, None, 36, 0,
          extensions=2, looseness_ms=4),
    Style("trap", r"\btrap\b|\bdrill\b|phonk", "trap", "sub", "pad", 5, 89, 11, 8, 38, 25, looseness_ms=2,
          drive=0.35, pentatonic=True, lead_density=0.5),
    Style("hip hop", r"hip\s?-?hop|boom\s?bap|\brap\b", "boombap", "syncopated", "lazy", 4, 89, 73, None,
          33, 0, swing=0.57, extensions=1, pentatonic=True, looseness_ms=8, ambience="vinyl",
          lead_density=0.45),
    Style("reggae", r"reggae|\bdub\b|\bska\b|dancehall", "onedrop", "reggae", "skank", 16, 16, 66, None,
          33, 8, swing=0.54, looseness_ms=7, reverb=1.3),
    Style("bossa", r"bossa|samba|latin|\bmpb\b|salsa|tango|flamenco", "bossa", "bossa", "bossa", 24, 48,
          73, None, 32, 40, extensions=2, looseness_ms=6),
    Style("waltz", r"waltz", "waltz", "waltz", "waltz", 0, 48, 71, None, 32, 40, beats_per_bar=3,
          looseness_ms=8, extensions=0, reverb=1.3),
    Style("rnb", r"r\s?&\s?b|\brnb\b|r and b|neo\s?-?soul|\bsoul|mandopop|c-?pop|k-?pop|slow jam", "rnb",
          "syncopated", "push", 4, 89, 80, None, 39, 0, swing=0.55, extensions=2, looseness_ms=7,
          lead_density=0.5),
    Style("metal", r"metal|djent|thrash|hardcore|metalcore", "metal", "eighths", "chug", 30, 48, 29, None,
          34, 16, looseness_ms=3, drive=0.7, reverb=0.6, lead_density=0.7),
    Style("industrial", r"industrial|\bebm\b|\bnoise\b|glitch|dark electro", "industrial", "eighths",
          "chug", 81, 95, 87, 84, 38, 16, looseness_ms=1, drive=0.8, reverb=0.7, lead_density=0.4,
          ambience="tape"),
    Style("blues", r"blues", "shuffle", "walking", "shuffle", 17, 16, 27, None, 33, 8, swing=0.64,
          swung_eighths=True, extensions=1, pentatonic=True, looseness_ms=9),
    Style("bebop", r"jazz|swing|bebop|big\s?band|cool", "swing", "walking", "jazz", 0, 48, 66, None, 32,
          32, swing=0.64, swung_eighths=True, extensions=2, looseness_ms=8, lead_density=0.75),
    Style("funk", r"funk|disco|groove|boogie", "funk", "octaves", "funk", 27, 50, 61, None, 36, 0,
          extensions=2, looseness_ms=4, pentatonic=True),
    Style("techno", r"techno|trance|rave|acid", "techno", "offbeat", "stabs", 81, 90, 81, 80, 38, 25,
          ducked=True, looseness_ms=0.5, drive=0.4, lead_density=0.4),
    Style("edm", r"\bedm\b|house|electro|dance|eurobeat|club|future bass|dubstep|hyperpop", "house",
          "offbeat", "stabs", 90, 89, 81, 80, 38, 24, ducked=True, looseness_ms=1, drive=0.3),
    Style("ambient", r"ambient|drone|meditat|sleep|new age|soundscape|spa\b", "none", "drone", "pad", 88,
          89, 11, 98, 39, 0, extensions=2, looseness_ms=9, reverb=1.8, drive=0.05, lead_density=0.25),
    Style("cinematic",
          r"cinematic|suspense(?!ful)|soundtrack|film|score|trailer|epic|orchestral|thriller|horror|game",
          "cinematic", "pulse", "ostinato", 48, 44, 60, 45, 43, 48, looseness_ms=6, reverb=1.6,
          lead_density=0.35),
    Style("classical", r"classic|baroque|chamber|piano solo|romantic|string quartet|symphon|sonata",
          "none", "classical", "alberti", 0, 48, 40, 46, 42, 48, looseness_ms=9, reverb=1.5, drive=0.0),
    Style("country", r"country|bluegrass|americana|western", "train", "rootfive", "strum", 25, 48, 105,
          None, 33, 0, looseness_ms=6, pentatonic=True),
    Style("folk", r"folk|acoustic|singer|celtic|campfire|ukulele", "folk", "rootfive", "strum", 25, 48, 73,
          24, 32, 40, looseness_ms=8, pentatonic=True),
    Style("punk", r"punk|garage", "punk", "eighths", "chug", 30, 18, 29, None, 34, 16, looseness_ms=5,
          drive=0.6, reverb=0.6),
    Style("ballad", r"ballad|melanchol|sad piano|slow", "ballad", "roots", "ballad", 0, 48, 71, None, 33,
          8, extensions=2, looseness_ms=9, reverb=1.4, lead_density=0.45),
    Style("rock", r"rock|grunge|indie|alternative|shoegaze|britpop", "rock", "eighths", "drive", 29, 18,
          27, None, 34, 16, looseness_ms=5, drive=0.5, reverb=0.8, pentatonic=True),
    Style("pop", r"pop", "pop", "syncopated", "push", 0, 89, 81, 46, 33, 0, looseness_ms=4),
)  # fmt: skip
_FALLBACK = "pop"


def read_style(words: str, *, hints: str = "") -> Style:
    """The style that the words name; hints (genre, description) are asked when they name none; else pop."""
    for text in (words, hints):
        found = [(match.start(), style) for style in STYLES if (match := re.search(style.words, text.lower()))]
        # "pop" and "rock" are the most general words: any neighbour says more ("cheerful upbeat pop/EDM").
        special = [style for _, style in found if style.name not in ("pop", "rock", "ballad", "cinematic")]
        if special:
            return special[0]
        if found:
            return found[0][1]
    return next(style for style in STYLES if style.name == _FALLBACK)
