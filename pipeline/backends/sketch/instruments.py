"""Instruments: words such as "warm Rhodes chords" become a seat in the band and a General MIDI program."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.backends.sketch.score import Role


@dataclass(frozen=True, slots=True)
class Seat:
    """One player: what they do and on which sound."""

    role: Role
    program: int
    named: bool = True  # by the brief, not by the style


# (words, program, usual role); special phrases stand before the general words that they contain.
_SOUNDS: tuple[tuple[str, int, Role], ...] = (
    (r"808|sub[- ]?bass|sub\b", 39, "bass"),
    (r"upright bass|double bass|acoustic bass|contrabass", 32, "bass"),
    (r"slap bass", 36, "bass"),
    (r"fretless", 35, "bass"),
    (r"(pick\w*|gritty|tight|rock|distorted) bass", 34, "bass"),
    (r"(synth|acid|puls\w+|saw|reese|wobble|growl\w*) bass|\bbassline", 38, "bass"),
    (r"\bbass(?! (drum|clarinet))", 33, "bass"),
    (r"music box", 10, "arp"),
    (r"vibraphone|vibes\b", 11, "lead"),
    (r"marimba", 12, "arp"),
    (r"xylophone", 13, "lead"),
    (r"tubular|church bell|chimes?\b", 14, "arp"),
    (r"glocken|celesta|celeste", 9, "arp"),
    (r"bells?\b", 14, "arp"),
    (r"kalimba|thumb piano|mbira", 108, "arp"),
    (r"steel ?(drum|pan)", 114, "lead"),
    (r"rhodes|electric piano|e-?piano|wurli\w*", 4, "chords"),
    (r"\bdx7|fm piano|fm keys", 5, "chords"),
    (r"clav\w*", 7, "chords"),
    (r"harpsichord|cembalo", 6, "chords"),
    (r"honky|saloon", 3, "chords"),
    (r"piano|keys\b|keyboard", 0, "chords"),
    (r"church organ|pipe organ", 19, "pad"),
    (r"hammond|organ", 16, "chords"),
    (r"accordion|bandoneon", 21, "chords"),
    (r"harmonica", 22, "lead"),
    (r"nylon|classical guitar|spanish guitar|flamenco guitar|bossa guitar", 24, "chords"),
    (r"ukulele", 24, "chords"),
    (r"banjo", 105, "arp"),
    (r"mandolin", 25, "arp"),
    (r"jazz\w* guitar|hollow", 26, "lead"),
    (r"overdriv\w* guitar|crunch\w* guitar", 29, "chords"),
    (r"distort\w*.*guitar|heavy.*guitar|metal.*guitar|power chords?|guitar riff|shredd\w*", 30, "chords"),
    (r"acoustic.*guitar|steel.*guitar|strums?\b|strummed", 25, "chords"),
    (r"muted guitar|palm", 28, "chords"),
    (r"(clean|electric|funk\w*).*guitars?", 27, "chords"),
    (r"guitars?", 25, "chords"),
    (r"pizzicato|plucked strings", 45, "arp"),
    (r"tremolo strings", 44, "pad"),
    (r"low strings|cell[oi]s?\b", 42, "pad"),
    (r"violins?\b|fiddle|erhu", 40, "lead"),
    (r"violas?\b", 41, "pad"),
    (r"synth strings|string machine", 50, "pad"),
    (r"strings?|orchestra\w*", 48, "pad"),
    (r"harp\b", 46, "arp"),
    (r"koto|guzheng|pipa|zither", 107, "lead"),
    (r"sitar", 104, "lead"),
    (r"shamisen", 106, "lead"),
    (r"choir|voices|vocal pad|aahs?|oohs?", 52, "pad"),
    (r"trumpet", 56, "lead"),
    (r"trombone", 57, "lead"),
    (r"french horn|horns\b", 60, "pad"),
    (r"brass", 61, "lead"),
    (r"alto sax", 65, "lead"),
    (r"sax\w*", 66, "lead"),
    (r"oboe", 68, "lead"),
    (r"bassoon", 70, "lead"),
    (r"clarinet", 71, "lead"),
    (r"piccolo", 72, "lead"),
    (r"pan ?flute|panpipe", 75, "lead"),
    (r"shakuhachi|bamboo flute|dizi|xiao", 77, "lead"),
    (r"flute|recorder", 73, "lead"),
    (r"whistl\w+|ocarina", 78, "lead"),
    (r"bagpipe", 109, "lead"),
    (r"super ?saws?|saw lead|trance", 81, "lead"),
    (r"square|chip\w*|8-?bit", 80, "lead"),
    (r"\bdron\w+", 95, "texture"),
    (r"risers?|sweeps?\b", 97, "texture"),
    (r"dissonant|atonal", 101, "texture"),
    (r"air\w* texture|airy|atmospher\w*|shimmer\w*", 99, "texture"),
    (r"choir pad|halo", 91, "pad"),
    (r"(silky|smooth|soft|mellow) (synth )?lead", 85, "lead"),
    (r"(dark|warm|analog\w*|lush|wide).*pads?", 89, "pad"),
    (r"pads?\b", 88, "pad"),
    (r"pluck\w*|arp\w*|sequence\w*", 80, "arp"),
    (r"bright synth|synth lead|leads?\b", 81, "lead"),
    (r"distorted synths?|dirty synth|growl", 87, "lead"),
    (r"stabs?\b", 90, "chords"),
    (r"synth\w*", 90, "chords"),
    (r"texture\w*|granular", 99, "texture"),
)  # fmt: skip
_DRUMS = (
    r"drums?|percussi\w+|kicks?\b|snares?\b|hats?\b|hi-?hats?|claps?\b|beats?\b|cymbals?|toms?\b|shaker|tambourine|"
    r"congas?|bongos?|taiko|timpani|\bhits?\b|brushes|cajon|breaks?\b|double kicks?"
)
_NOISES = r"vinyl|hiss|crackl\w*|tape|rain|wind\b|noise|field record\w*|waves\b"
_ROLE_WORDS: tuple[tuple[str, Role], ...] = (
    (r"\barp\w*|pluck\w*|sequence\w*", "arp"),
    (r"\bleads?\b|licks?\b|solo|melod\w+|fills?\b|counter", "lead"),
    (r"\bpads?\b|sustained|swell\w*", "pad"),
    (r"chords?|strum\w*|stabs?\b|rhythm|riff\w*|comping", "chords"),
)
# Words in "avoid" that bar only loud playing, not the instrument itself.
_LOUD = r"heavy|loud|harsh|upbeat|busy|hard|aggressive|big|pounding|fast|intense|driving|four[- ]on"
_FAMILIES: tuple[tuple[str, range], ...] = (
    (r"\bpads?\b", range(88, 96)),
    (r"strings|orchest\w*", range(40, 52)),
    (r"super ?saws?", range(81, 82)),
    (r"distort\w*|heavy metal|metal guitar|overdrive\w*", range(29, 31)),
    (r"acoustic guitars?", range(24, 26)),
    (r"electric guitars?", range(26, 32)),
    (r"(?<!distorted )(?<!metal )\bguitars?$", range(24, 32)),
    (r"brass|horns", range(56, 64)),
    (r"piano", range(6)),
    (r"organ", range(16, 21)),
    (r"synth\w*|electronic", range(80, 104)),
    (r"leads?\b", range(80, 88)),
    (r"flutes?|woodwind\w*", range(68, 80)),
    (r"sax\w*", range(64, 68)),
    (r"drones?", range(95, 96)),
    (r"bells?", range(9, 15)),
    (r"choir|vocal\w*|voices?", range(52, 55)),
    (r"\bbass\b(?! drum)", range(32, 40)),
)  # fmt: skip


def is_drums(phrase: str) -> bool:
    """Whether the phrase names percussion (and not, say, a steel drum)."""
    words = phrase.lower()
    return bool(re.search(_DRUMS, words)) and not re.search(r"steel ?drum", words)


def is_noise(phrase: str) -> bool:
    """Whether the phrase names a noise that is synthesised rather than played."""
    return bool(re.search(_NOISES, phrase.lower()))


def read_seat(phrase: str) -> Seat | None:
    """The player a phrase asks for; None for drums, noises and words that name no instrument."""
    words = phrase.lower()
    if is_drums(words) or is_noise(words):
        return None
    found = next(((program, role) for pattern, program, role in _SOUNDS if re.search(pattern, words)), None)
    if found is None:
        return None
    program, role = found
    if role not in ("bass", "texture"):
        role = next((named for pattern, named in _ROLE_WORDS if re.search(pattern, words)), role)
    return Seat(role, program)


def avoided_programs(avoid: tuple[str, ...]) -> frozenset[int]:
    """All programs that the listener does not want to hear."""
    programs: set[int] = set()
    for phrase in avoid:
        words = phrase.lower()
        families = [family for pattern, family in _FAMILIES if re.search(pattern, words)]
        for family in families:
            programs.update(family)
        seat = read_seat(words)
        if not families and seat is not None and not re.search(_LOUD, words):
            programs.add(seat.program)
    return frozenset(programs)


def avoids_drums(avoid: tuple[str, ...]) -> bool:
    """Whether drums as such are unwanted ("drums", "no percussion")."""
    return any(
        re.search(r"\bdrum(s|ming|mer|set| ?kits?| machines?)?\b|percussion", words)
        and not re.search(_LOUD + r"|drum and bass|drum ?& ?bass|drum ?n ?bass", words)
        for words in (phrase.lower() for phrase in avoid)
    )


def avoids_loud_drums(avoid: tuple[str, ...]) -> bool:
    """Whether drums must stay gentle ("heavy drums", "upbeat drums")."""
    return any(
        re.search(r"drum|percuss|kick|beat", words) and re.search(_LOUD, words) for words in map(str.lower, avoid)
    )
