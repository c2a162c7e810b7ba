"""How a genre and a beloved instrument enter a brief; used by rules."""

from __future__ import annotations

from dataclasses import replace

from pipeline.brief.avoidance import Avoidance, speaks_of
from pipeline.brief.genre_choice import Choice
from pipeline.brief.tempo import move_into
from pipeline.catalog.genres import Genre, find_genre
from pipeline.catalog.instruments import family_of
from pipeline.catalog.mood_palettes import MANNERS, MOODS, TOUCH
from pipeline.sanitize import unique
from pipeline.seeded_random import rng_for
from pipeline.values import Brief, EmotionLabel

MOST_FEATURED = 2
# What a mix cannot be at the same time.
_CONTRADICTIONS = {
    "bright": "rolled-off dark deep soft",
    "crisp": "rolled-off soft washed",
    "dark": "bright crisp glossy open",
    "warm": "bright cold scooped loud",
    "smooth": "raw gritty sharp loud",
    "dry": "reverb roomy spacious concert-hall airy washed",
    "intimate": "loud open-air concert-hall club-ready",
    "wide": "narrow",
    "cold": "warm vintage",
}
# From many families, so that hardly any list of dislikes empties it.
_STAND_INS = (
    "piano", "synth pads", "acoustic guitar", "strings", "warm bass", "bells", "flute", "harp", "vibraphone",
    "kalimba", "cello", "light percussion", "clarinet", "organ", "marimba", "celesta", "airy textures",
    "low drones", "accordion", "handpan", "field recordings", "tape loops", "music box", "glass harmonica",
    "theremin", "zither", "ocarina", "hum of machines",
)  # fmt: skip


def apply_genre(brief: Brief, choice: Choice, *, label: EmotionLabel, seed: int, free_tempo: bool) -> Brief:
    """The brief in the chosen genre; itself when its style speaks of that genre already.

    The mood keeps its tempo, except that neutral takes the genre's where the listener wished none.
    """
    genre = choice.known
    if _is_in(brief, choice):
        return brief
    tint = rng_for(seed, "tint").choice(MOODS[label].tints)
    style = f"{tint} {choice.words}"
    if genre is None:
        return replace(brief, style=style)
    bpm = move_into(brief.bpm, genre.bpm) if label == "neutral" and free_tempo else brief.bpm
    mix = unique((*_fitting(genre.mix, brief.mix[:3])[:2], *brief.mix[:3]))
    return replace(brief, style=style, bpm=bpm, instruments=_band(genre, brief, label), mix=mix)


def _fitting(own: tuple[str, ...], mood: tuple[str, ...]) -> tuple[str, ...]:
    """The genre's mix words that do not contradict the mood's: no rolled-off highs in a bright mix."""
    said = {word for phrase in mood for word in phrase.split()}
    unfit = {other for word, others in _CONTRADICTIONS.items() if word in said for other in others.split()}
    return tuple(phrase for phrase in own if not unfit & set(phrase.split()))


def _is_in(brief: Brief, choice: Choice) -> bool:
    named = find_genre(brief.style)
    same = named.name == choice.genre if named else speaks_of(brief.style, choice.genre)
    return same and (not choice.colour or speaks_of(brief.style, choice.colour))


def _band(genre: Genre, brief: Brief, label: EmotionLabel) -> tuple[str, ...]:
    """The genre's instruments in the mood's manner, and up to two of the mood's from other families."""
    own = tuple(_in_manner(name, label) for name in genre.instruments)
    families = {family_of(name) for name in own}
    news = [name for name in brief.instruments if family_of(name) not in families]
    return unique((*own, *news[:2]))


def _in_manner(name: str, label: EmotionLabel) -> str:
    """A genre's instrument as the mood plays it: punchy drums are soft for a sad face."""
    manner = MANNERS.get(label, {})
    return " ".join(dict.fromkeys(" ".join(manner.get(word, word) for word in name.split(" ")).split(" ")))


def add_favourites(
    instruments: tuple[str, ...],
    favourites: tuple[str, ...],
    *,
    label: EmotionLabel,
    seed: int,
    most: int,
    avoid: Avoidance,
) -> tuple[str, ...]:
    """The instruments led by up to two favourites, which take the place of their own family."""
    order = list(favourites)
    rng_for(seed, "featured").shuffle(order)
    for name in reversed(order[:MOST_FEATURED]):
        if any(speaks_of(phrase, name) for phrase in instruments):
            continue
        played = touched(name, label)
        rest = _without_one_like(name, instruments, favourites)
        instruments = (name if avoid.hits(played) else played, *rest)[:most]
    return instruments


def _without_one_like(name: str, instruments: tuple[str, ...], favourites: tuple[str, ...]) -> tuple[str, ...]:
    """The instruments without the first of the same family, unless that is itself a favourite."""
    family = family_of(name)
    for index, phrase in enumerate(instruments):
        if family != "other" and family_of(phrase) == family and not any(speaks_of(phrase, fav) for fav in favourites):
            return (*instruments[:index], *instruments[index + 1 :])
    return instruments


def touched(name: str, label: EmotionLabel) -> str:
    """An instrument as the mood plays it: sad "soft piano", angry "hammered piano"."""
    pattern = TOUCH[label][family_of(name)]
    adjectives = pattern.replace("{}", "").split()
    return name if any(word in name.split() for word in adjectives) else pattern.format(name)


def fallback_instruments(label: EmotionLabel, seed: int) -> tuple[str, ...]:
    """What may play when too little is left: the mood's own instruments, then one of nearly every family."""
    own = [name for picture in MOODS[label].pictures for name in picture.instruments]
    rng_for(seed, "stand-ins").shuffle(own)
    return (*own, *_STAND_INS)
