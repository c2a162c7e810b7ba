"""The states of a song. Handlers move songs from one to another, `storage.repositories.songs` guards the moves."""

from __future__ import annotations

from enum import StrEnum


class SongState(StrEnum):
    """Where a song is on its way; the value stands in the database."""

    RECEIVED = "received"  # the row is committed, its id is queued
    READING = "reading"  # a draft worker reads the mood
    ASKING = "asking"  # the mood is unsure: waits for a person's answer, not for us
    DRAFTING = "drafting"
    QUEUED = "queued"  # planned, waits for a music worker
    RENDERING = "rendering"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    AMBIGUOUS = "ambiguous"  # sent, but nobody knows whether it arrived


ENDS = frozenset({SongState.DELIVERED, SongState.FAILED, SongState.CANCELLED, SongState.AMBIGUOUS})
ACTIVE = frozenset(SongState) - ENDS
WORKING = ACTIVE - {SongState.ASKING}  # a heartbeat is due
NEEDS_PHOTO = frozenset({SongState.RECEIVED, SongState.READING})
AHEAD = WORKING - {SongState.DELIVERING}  # still has to be rendered
NEEDS_NOTICE = (SongState.FAILED, SongState.AMBIGUOUS)  # ends that need a word to the person
