"""Votes: 👍, 👎, scores and comments. They shape the person's next songs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from handlers.deps import Deps
from handlers.errors import Refused, UnknownSong
from handlers.events import Origin, Sender, VoteCast
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.songs.access import visible_song
from handlers.users import user_of
from pipeline.values import Vote
from storage.repositories.votes import Ballot
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

MAX_COMMENT = 500  # characters
LOWEST, HIGHEST = 0, 5
HEARD = frozenset(
    {SongState.DELIVERING, SongState.DELIVERED, SongState.AMBIGUOUS}
)  # a quick listener votes before the delivery is noted


@dataclass(frozen=True, slots=True)
class Votes:
    """How a song stands after a vote."""

    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Toggled:
    """A person's vote after their press, and everyone's."""

    vote: Vote | None
    votes: Votes
    locale: str  # the song's


async def cast_vote(event: VoteCast, *, deps: Deps) -> Votes:
    """Record the vote; a second one by the same person replaces the first."""
    if event.score is not None and not LOWEST <= event.score <= HIGHEST:
        raise Refused("bad_score", low=LOWEST, high=HIGHEST)
    if event.comment is not None and len(event.comment) > MAX_COMMENT:
        raise Refused("comment_too_long", limit=MAX_COMMENT)

    async def store_vote(unit: UnitOfWork) -> Votes:
        song = await unit.songs.get(event.song_id)
        if song is None or song.status not in HEARD:
            raise UnknownSong(event.song_id)
        user_id = await user_of(event.voter, unit=unit, deps=deps)
        await unit.votes.cast(generation_id=song.id, user_id=user_id, now=deps.clock.now(), **_ballot(event))
        if event.vote is None:  # stars and words stand on no button
            return Votes(*await unit.votes.counts(song.id))
        return await count_votes(song.id, unit=unit, deps=deps)

    return await deps.commit(store_vote)


async def toggle_vote(song_id: int, vote: Vote, by: Sender, *, origin: Origin, deps: Deps) -> Toggled:
    """Count a press of 👍 or 👎: the other one changes the vote, the same one takes it back.

    The same press within `double_press_s` is a double click and changes nothing. Raises UnknownSong.
    """

    async def store_toggle(unit: UnitOfWork) -> Toggled:
        song = await visible_song(song_id, by, origin=origin, unit=unit)
        if song.status not in HEARD:
            raise UnknownSong(song_id)
        now, user_id = deps.clock.now(), await user_of(by, unit=unit, deps=deps)
        await unit.users.lock(user_id)
        mine = await unit.votes.of(song_id, user_id)
        if mine is None or mine.vote != vote:
            await unit.votes.cast(generation_id=song_id, user_id=user_id, now=now, vote=vote)
            stands: Vote | None = vote
        elif now - mine.updated_at < timedelta(seconds=deps.limits.double_press_s):
            stands = vote
        else:
            await unit.votes.take_back(generation_id=song_id, user_id=user_id, now=now)
            stands = None
        locale = from_json(SongOptions, song.options).locale
        return Toggled(stands, await count_votes(song_id, unit=unit, deps=deps), locale)

    return await deps.commit(store_toggle)


async def count_votes(song_id: int, *, unit: UnitOfWork, deps: Deps) -> Votes:
    """Count the votes and have the song's buttons follow them."""
    now, every_s = deps.clock.now(), deps.limits.card_every_s
    await unit.vote_counts.mark_changed(song_id, now=now, every_s=every_s)
    up, down = await unit.votes.counts(song_id)
    return Votes(up, down)


def _ballot(event: VoteCast) -> Ballot:
    ballot = Ballot()
    if event.vote is not None:
        ballot["vote"] = event.vote
    if event.score is not None:
        ballot["score"] = event.score
    if event.comment is not None:
        ballot["comment"] = event.comment
    return ballot
