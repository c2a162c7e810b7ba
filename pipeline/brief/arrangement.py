"""Put a genre and favourite instruments into a brief; `rules.py` calls this."""

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
# Mix words that contradict each other.
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
# Taken from many families, so that hardly any avoid list removes them all.
_STAND_INS = (
    "piano", "synth pads", "acoustic guitar", "strings", "warm bass", "bells", "flute", "harp", "vibraphone",
    "kalimba", "cello", "light percussion", "clarinet", "organ", "marimba", "celesta", "airy textures",
    "low drones", "accordion", "handpan", "field recordings", "tape loops", "music box", "glass harmonica",
    "theremin", "zither", "ocarina", "hum of machines",
)  # fmt: skip


def apply_genre(brief: Brief, choice: Choice, *, label: EmotionLabel, seed: int, free_tempo: bool) -> Brief:
    """Give the brief in the chosen genre, unchanged when its style names that genre already.

    The mood keeps its tempo. Only a neutral mood takes the genre's tempo, where the listener set none.
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
    """Give the genre's mix words that do not contradict the mood's: no rolled-off highs in a bright mix."""
    said = {word for phrase in mood for word in phrase.split()}
    unfit = {other for word, others in _CONTRADICTIONS.items() if word in said for other in others.split()}
    return tuple(phrase for phrase in own if not unfit & set(phrase.split()))


def _is_in(brief: Brief, choice: Choice) -> bool:
    named = find_genre(brief.style)
    same = named.name == choice.genre if named else speaks_of(brief.style, choice.genre)
    return same and (not choice.colour or speaks_of(brief.style, choice.colour))


def _band(genre: Genre, brief: Brief, label: EmotionLabel) -> tuple[str, ...]:
    """Give the genre's instruments as the mood plays them, and up to two of the mood's own from other families."""
    own = tuple(_in_manner(name, label) for name in genre.instruments)
    families = {family_of(name) for name in own}
    news = [name for name in brief.instruments if family_of(name) not in families]
    return unique((*own, *news[:2]))


def _in_manner(name: str, label: EmotionLabel) -> str:
    """Give a genre's instrument as the mood plays it: punchy drums become soft for a sad mood."""
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
    """Put up to two favourites first; each replaces an instrument of its own family."""
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
    """Drop the first instrument of the same family, unless it is a favourite itself."""
    family = family_of(name)
    for index, phrase in enumerate(instruments):
        if family != "other" and family_of(phrase) == family and not any(speaks_of(phrase, fav) for fav in favourites):
            return (*instruments[:index], *instruments[index + 1 :])
    return instruments


def touched(name: str, label: EmotionLabel) -> str:
    """Give an instrument as the mood plays it: "soft piano" when sad, "hammered piano" when angry."""
    pattern = TOUCH[label][family_of(name)]
    adjectives = pattern.replace("{}", "").split()
    return name if any(word in name.split() for word in adjectives) else pattern.format(name)


def fallback_instruments(label: EmotionLabel, seed: int) -> tuple[str, ...]:
    """List what may play when too few are left: the mood's own instruments, then one of nearly every family."""
    own = [name for picture in MOODS[label].pictures for name in picture.instruments]
    rng_for(seed, "stand-ins").shuffle(own)
    return (*own, *_STAND_INS)
