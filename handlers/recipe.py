"""A song's recipe as its row keeps it; apart from rendering, so that a chat process loads no sound library."""

from __future__ import annotations

from handlers.records import plan_of
from pipeline.values import Plan
from storage.repositories.song_rows import SongRow


def stored_plan(song: SongRow) -> Plan:
    """Put the recipe together again from the song's row; a row past `queued` has all of it."""
    assert song.brief is not None
    assert song.params is not None
    assert song.reason is not None
    assert song.prompt_personalized is not None
    assert song.emotion is not None
    return plan_of(
        song.brief,
        song.params,
        song.reason,
        prompt=song.prompt_personalized,
        mood=song.emotion,
        genre=song.genre or "",
    )
