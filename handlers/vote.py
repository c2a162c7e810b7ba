"""Somebody judges a song; their next songs will follow it."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.desk import Desk
from handlers.errors import Refused, UnknownSong
from handlers.events import VoteCast
from handlers.selfie import user_of
from storage.states import State
from storage.unit_of_work import UnitOfWork
from storage.votes import Ballot

MAX_COMMENT = 500  # characters
LOWEST, HIGHEST = 0, 5


@dataclass(frozen=True, slots=True)
class Votes:
    """How a song stands after a vote."""

    up: int
    down: int


async def cast_vote(event: VoteCast, *, desk: Desk) -> Votes:
    """Record the vote; a second one by the same person replaces the first."""
    if event.score is not None and not LOWEST <= event.score <= HIGHEST:
        raise Refused("bad_score", low=LOWEST, high=HIGHEST)
    if event.comment is not None and len(event.comment) > MAX_COMMENT:
        raise Refused("comment_too_long", limit=MAX_COMMENT)

    async def work(unit: UnitOfWork) -> Votes:
        song = await unit.songs.get(event.song_id)
        if song is None or song.status != State.DELIVERED:
            raise UnknownSong(event.song_id)
        user_id = await user_of(event.voter, unit=unit, desk=desk)
        await unit.votes.cast(generation_id=song.id, user_id=user_id, now=desk.clock.now(), **_ballot(event))
        up, down = await unit.votes.counts(song.id)
        return Votes(up, down)

    return await desk.commit(work)


def _ballot(event: VoteCast) -> Ballot:
    ballot = Ballot()
    if event.vote is not None:
        ballot["vote"] = event.vote
    if event.score is not None:
        ballot["score"] = event.score
    if event.comment is not None:
        ballot["comment"] = event.comment
    return ballot
