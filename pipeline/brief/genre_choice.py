"""Choose the genre of a listener's next song: mostly favourites and liked genres, sometimes a new one.

A Thompson draw: each genre's chance of pleasing is a Beta distribution fed by its votes, one number is drawn
from each with the song's seed, and the highest wins. Pure; `rules.py` calls it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.brief.avoidance import Avoidance
from pipeline.catalog.genres import GENRES, Genre, find_genre, genre_named, genre_word
from pipeline.catalog.instruments import instrument_word
from pipeline.catalog.mood_palettes import MOODS
from pipeline.sanitize import unique
from pipeline.seeded_random import rng_for
from pipeline.values import EmotionLabel, PastVote, Reason, Taste

MOST_FAVOURITES, MOST_VOTES = 12, 200
OTHER_MOOD_WEIGHT = 0.5  # weight of a vote given under another mood
# Pseudo-votes (up, down) before any real one.
FAVOURITE, OWN, VOTED, NEW = (6.0, 2.0), (4.0, 2.5), (2.0, 2.0), (1.2, 4.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The genre that was chosen for a song, and why."""

    genre: str  # what votes count under
    reason: Reason
    colour: str = ""  # a favourite genre that is mixed in, when the chosen genre is no favourite

    @property
    def known(self) -> Genre | None:
        return genre_named(self.genre)

    @property
    def words(self) -> str:
        """Give the words that name it in a style."""
        return f"{self.colour}-tinged {self.genre}" if self.colour else self.genre


def favourite_genres(taste: Taste, avoid: Avoidance) -> tuple[str, ...]:
    """Give the listener's favourite genres as prompt words, without avoided ones and without what is no genre."""
    names = unique(genre_word(text) for text in taste.fav_genres[:MOST_FAVOURITES])
    return tuple(name for name in names if not avoid.hits(name))


def favourite_instruments(taste: Taste, avoid: Avoidance) -> tuple[str, ...]:
    """Give the listener's favourite instruments as prompt words, without avoided ones and what is no instrument."""
    names = unique(instrument_word(text) for text in taste.fav_instruments[:MOST_FAVOURITES])
    return tuple(name for name in names if not avoid.hits(name))


def choose_genre(taste: Taste, *, mood: EmotionLabel, style: str, seed: int, avoid: Avoidance) -> Choice:
    """Draw the genre for a song whose draft has this style; the same seed and taste draw the same one."""
    favourites = favourite_genres(taste, avoid)
    own = find_genre(style)
    own_name = own.name if own else MOODS[mood].pictures[0].genre
    votes = _counted(taste.votes[:MOST_VOTES], mood)
    if not favourites and not votes and not avoid.hits(own_name):
        return Choice(own_name, Reason("mood", own_name))  # the draft chose it already
    priors = dict.fromkeys(_new_to_try(mood, seed), NEW)
    priors |= dict.fromkeys(votes, VOTED)
    # A neutral mood follows the listener: where they named favourites, the draft's genre is only one candidate more.
    priors[own_name] = VOTED if favourites else OWN
    priors |= dict.fromkeys(favourites, FAVOURITE)
    open_to = {name: prior for name, prior in priors.items() if not avoid.hits(name)}
    if not open_to:
        return Choice("instrumental", Reason("mood", "instrumental"))
    drawn = {name: _draw(name, prior, votes, seed) for name, prior in open_to.items()}
    genre = max(drawn, key=lambda name: (drawn[name], name))
    return _choice(genre, own_name, favourites, votes.get(genre), seed)


@dataclass(frozen=True, slots=True)
class _Tally:
    up: float = 0.0
    down: float = 0.0
    liked: int = 0
    rated: int = 0


def _counted(votes: Iterable[PastVote], mood: EmotionLabel) -> dict[str, _Tally]:
    tallies: dict[str, _Tally] = {}
    for vote in votes:
        name = genre_word(vote.genre)
        if not name:
            continue
        weight = 1.0 if vote.mood == mood else OTHER_MOOD_WEIGHT
        tally, up = tallies.get(name, _Tally()), vote.vote == "up"
        tallies[name] = replace(
            tally,
            up=tally.up + weight * up,
            down=tally.down + weight * (not up),
            liked=tally.liked + up,
            rated=tally.rated + 1,
        )
    return tallies


def _draw(name: str, prior: tuple[float, float], votes: dict[str, _Tally], seed: int) -> float:
    tally = votes.get(name, _Tally())
    return rng_for(seed, f"genre:{name}").betavariate(prior[0] + tally.up, prior[1] + tally.down)


def _new_to_try(mood: EmotionLabel, seed: int) -> list[str]:
    """List the mood's other usual genres and one random genre."""
    home = [picture.genre for picture in MOODS[mood].pictures]
    return [*home, rng_for(seed, "anywhere").choice(GENRES).name]


def _choice(genre: str, own: str, favourites: tuple[str, ...], tally: _Tally | None, seed: int) -> Choice:
    liked, rated = (tally.liked, tally.rated) if tally else (0, 0)
    if genre in favourites:
        return Choice(genre, Reason("favourite", genre, liked, rated))
    colour = rng_for(seed, "colour").choice(favourites) if favourites else ""
    if liked * 2 > rated:
        return Choice(genre, Reason("liked", genre, liked, rated), colour)
    return Choice(genre, Reason("mood" if genre == own else "explore", genre), colour)
