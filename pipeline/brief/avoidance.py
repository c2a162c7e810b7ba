"""Read what a listener wants to avoid, and find it in a phrase in any of its forms.

"No drums please" and 鼓 both become "drums", which also covers drumming, a punchy kick and a snare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.catalog.genres import GENRES, find_genre, genre_named, names_of
from pipeline.catalog.instruments import from_chinese, mentioned_instruments
from pipeline.sanitize import clean_words, flatten, is_command, listed, tokens, unique

ALWAYS = "vocals"  # the engines cannot sing words
MOST_TERMS = 16  # 16 × 32 characters leave room for the song in a prompt of 1000

# A general word covers these: no drums means no snare either.
_COVERS: dict[str, str] = {
    "drum": "kick snare hat hihat tom cymbal percussion percussive breakbeat beat backbeat"
    " taiko timpani conga bongo djembe tabla cajon bodhran surdo timbale pandeiro boom bap 808s",
    "percussion": "drum kick snare hat hihat tom cymbal breakbeat beat backbeat taiko timpani conga"
    " bongo djembe tabla cajon bodhran surdo timbale pandeiro"
    " shaker tambourine clap palma castanet cowbell percussive",
    "guitar": "strum strummed strumming chug",
    "synth": "supersaw moog",
    "synthesizer": "synth supersaw moog",
    "string": "violin viola cello fiddle",
    "orchestra": "orchestral",
    "brass": "trumpet trombone horn tuba flugelhorn",
    "woodwind": "flute clarinet oboe bassoon saxophone sax piccolo recorder",
    "wind": "flute clarinet oboe bassoon saxophone sax piccolo recorder woodwind",
    "bass": "808 bassline sub",
    "keyboard": "piano rhodes organ clavinet wurlitzer keys",
    "saxophone": "sax",
    "sax": "saxophone",
    "vocal": "voice vox vocalist singing singer sing sung lyric rap rapping rapper acappella humming",
    "voice": "vocal vox singing singer sing sung",
    "singing": "vocal voice singer sing sung",
    "distortion": "distorted overdriven overdrive fuzz fuzzy",
    "distorted": "distortion overdriven overdrive fuzz fuzzy",
    "noise": "noisy",
    "electronic": "edm electro electronica techno synth",
    "pad": "sidechained",
}
_OPENING = re.compile(
    r"^(?:(?:please|pls|no|not|never|without|avoid|any|too much|too many"
    r"|i (?:do not|don'?t) (?:like|want)|i (?:hate|dislike)"
    r"|do not use|don'?t use|don'?t|hate|dislike|less|stop)\s+)+",
    re.IGNORECASE,
)
_CHINESE_OPENING = re.compile(
    r"^(?:请|我)?(?:不要|不想要|不喜欢|不用|别用|别|没有|无|讨厌|避免|少一点|少)+(?:太多|有|用)?"
)
# Words that every prompt needs or that mean everything: without them no prompt could be written.
_STRUCTURE = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "at",
        "and",
        "or",
        "with",
        "for",
        "any",
        "all",
        "s",
        "bpm",
        "track",
        "mix",
        "music",
        "song",
        "sound",
        "instrument",
        "instrumental",
        "thing",
    ]
)


@dataclass(frozen=True, slots=True)
class Avoidance:
    """One listener's terms, as they wrote them and prepared for searching."""

    terms: tuple[str, ...]

    def hits(self, phrase: str) -> bool:
        """Whether the phrase names an avoided thing."""
        return bool(self.hit_words(phrase))

    def hit_words(self, phrase: str) -> frozenset[str]:
        """Give the phrase's words (as `tokens` gives them) that name an avoided thing."""
        return _hit_words(self.terms, phrase)

    def strike(self, phrase: str) -> str:
        """Remove the words that name an avoided thing: "lofi piano" without piano is "lofi"."""
        struck = self.hit_words(phrase)
        if not struck:
            return phrase
        parts = re.split(r"([\s/]+)", phrase)
        kept = [part for part in parts if not set(tokens(part)) & struck]
        line = re.sub(r"\s*/\s*(?=/|\s|$)", " ", "".join(kept))
        line = re.sub(r"\s+", " ", line).strip(" ,-/&'")
        return "" if self.hits(line) else _tidy(line)


def speaks_of(phrase: str, name: str) -> bool:
    """Whether a phrase names a thing, in singular or plural: "soft pianos" speaks of "piano"."""
    wanted = {_stem(word) for word in tokens(name)}
    return bool(wanted) and wanted <= set(_stems(phrase).values())


def avoidance(wishes: Iterable[str]) -> Avoidance:
    """Read what a listener's texts ask to leave out: the defaults first, at most MOST_TERMS, no orders."""
    read = (wish[:2000] for wish in wishes)
    terms = (term for wish in read if not is_command(wish) for item in listed(wish) for term in _terms(item))
    return Avoidance(unique((ALWAYS, *terms))[:MOST_TERMS])


def _terms(item: str) -> list[str]:
    """List the things that one item names: "no drums and bass please" names drums and bass."""
    line = _OPENING.sub("", flatten(item[:200]).replace("’", "'"))
    line = re.sub(r"\s*\b(?:please|pls|thanks|at all)\W*$", "", line, flags=re.IGNORECASE)
    line = _CHINESE_OPENING.sub("", line)
    if not from_chinese(line) and line.isascii() and not clean_words(line, max_words=9, max_chars=60):
        return mentioned_instruments(line)  # a whole sentence: what it names is enough
    one_name = genre_named(line) is not None  # "drum and bass" is not two things
    parts = [line] if one_name else re.split(r"\s+(?:and|or)\s+|\s*[/&]\s*|[和或与]", line)
    return [term for term in map(_term, parts) if term]


def _term(part: str) -> str:
    chinese = from_chinese(part)
    if not chinese and not part.isascii():
        genre = find_genre(part) if len(part) <= 8 else None
        chinese = genre.name.lower() if genre else ""
    term = chinese or clean_words(part)
    meaning = [word for word in tokens(term) if word not in _STRUCTURE and len(word) > 1]
    return term if any(any(c.isalpha() for c in word) or word in ("808", "909") for word in meaning) else ""


@lru_cache(maxsize=1024)
def _needs(term: str) -> tuple[tuple[str, ...], ...]:
    """List every combination of words that together name the term."""
    genre = genre_named(term)
    names = (term, *names_of(genre)) if genre else (term,)
    needs = {tuple(_stem(word) for word in tokens(name) if word not in _STRUCTURE) for name in names}
    for need in tuple(needs):
        if len(need) == 1:
            needs.update((word,) for word in _COVERS.get(need[0], "").split())
            needs.update(_genres_of(need[0]))
    return tuple(sorted(need for need in needs if need))


def _genres_of(word: str) -> set[tuple[str, ...]]:
    """List the other names of a genre: metal is also thrash and 重金属."""
    kinds = [genre for genre in GENRES if genre.name.lower() == word]
    return {tuple(map(_stem, tokens(name))) for genre in kinds for name in names_of(genre)}


@lru_cache(maxsize=4096)
def _hit_words(terms: tuple[str, ...], phrase: str) -> frozenset[str]:
    words = _stems(phrase)
    single, several = _all_needs(terms)
    hits = {word for word, stem in words.items() if _same(single, stem)}
    for need in several:
        found = [{word for word, stem in words.items() if _same((part,), stem)} for part in need]
        if all(found):
            hits.update(*found)
    return frozenset(hits)


@lru_cache(maxsize=64)
def _all_needs(terms: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Give what to search for: words that suffice alone, and combinations of words."""
    needs = {need for term in terms for need in _needs(term)}
    single = sorted(need[0] for need in needs if len(need) == 1)
    return tuple(single), tuple(sorted(need for need in needs if len(need) > 1))


def _same(parts: tuple[str, ...], stem: str) -> bool:
    """Whether a word is one of the parts or, from four letters on, begins with one: drumming, metallic."""
    return stem in parts or (len(stem) > 4 and stem.startswith(tuple(part for part in parts if len(part) >= 4)))


def _stems(phrase: str) -> dict[str, str]:
    """Each word of a phrase with its stem."""
    return {word: _stem(word) for word in tokens(phrase)}


def _stem(word: str) -> str:
    """The singular, without a possessive."""
    word = word.removesuffix("'s").strip("'")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _tidy(line: str) -> str:
    """Drop connectives that lost what they connected."""
    words = line.split(" ")
    loose = {
        "and",
        "with",
        "of",
        "in",
        "on",
        "over",
        "by",
        "the",
        "a",
        "an",
        "for",
        "&",
        "to",
        "from",
        "under",
    }
    while words and words[-1].lower().strip(",") in loose:
        words.pop()
    while words and words[0].lower() in loose:
        words.pop(0)
    return " ".join(words).strip(" ,")
