"""Make a listener's Taste from their preferences, votes and recent songs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers.limits import Limits
from handlers.serialization import from_json, label_from
from pipeline.values import Brief, PastSong, PastVote, Taste, Vote
from storage.repositories.song_rows import PastSongRow
from storage.repositories.votes import PastVoteRow
from storage.unit_of_work import UnitOfWork

SCORE_UP, SCORE_DOWN = 4, 1  # of 0 to 5: a rating without a thumb still says something


async def load_taste(user_id: int, *, unit: UnitOfWork, limits: Limits) -> Taste:
    """Read everything that shapes the listener's next song; four indexed queries."""
    preferences = await unit.preferences.get(user_id)
    profile = await unit.users.profile(user_id)
    votes = await unit.votes.recent(user_id, limit=limits.taste_votes)
    songs = await unit.song_queries.recent(user_id, limit=limits.taste_songs)
    return Taste(
        fav_genres=tuple(preferences.fav_genres),
        fav_instruments=tuple(preferences.fav_instruments),
        bpm_min=preferences.bpm_min,
        bpm_max=preferences.bpm_max,
        negative_prompts=split_words(preferences.negative_prompts or ""),
        votes=_past_votes(votes),
        songs=tuple(past for song in songs if (past := _past_song(song))),
        age=profile.age,
        gender=profile.gender,
        notes=profile.notes,
    )


def with_note(taste: Taste, note: str) -> Taste:
    """Add what the sender wrote beside the picture, before their standing notes: it is about this song."""
    notes = "; ".join(part for part in (note.strip(), taste.notes or "") if part)
    return replace(taste, notes=notes or None)


def split_words(text: str) -> tuple[str, ...]:
    """Split "heavy drums, screams" at commas (also 、 and ，) and lines, dropping what is empty."""
    return tuple(part.strip() for part in re.split(r"[,;、，；\n]", text) if part.strip())


def _past_votes(rows: Sequence[PastVoteRow]) -> tuple[PastVote, ...]:
    return tuple(
        PastVote(row.genre, label_from(row.emotion), vote)
        for row in rows
        if row.genre and row.emotion and (vote := _as_vote(row))
    )


def _as_vote(row: PastVoteRow) -> Vote | None:
    if row.vote == "up" or (row.vote is None and row.score is not None and row.score >= SCORE_UP):
        return "up"
    if row.vote == "down" or (row.vote is None and row.score is not None and row.score <= SCORE_DOWN):
        return "down"
    return None


def _past_song(song: PastSongRow) -> PastSong | None:
    if song.brief is None or song.emotion is None:
        return None
    brief = from_json(Brief, song.brief)
    return PastSong(brief.style, brief.bpm, brief.key, label_from(song.emotion), brief.instruments)
