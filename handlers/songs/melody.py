"""The song's side of a hummed melody: the next song takes along the one that waits."""

from __future__ import annotations

from storage.unit_of_work import UnitOfWork


async def take_melody(user_id: int, session_id: int, *, unit: UnitOfWork) -> str | None:
    """Move the melody that waits to the session of a new song; give its md5. Call it with the person's row locked."""
    waiting = await unit.assets.melodies_waiting(user_id)
    newest = await unit.assets.newest_melody(user_id)
    if newest is None or newest.id not in {each.id for each in waiting}:
        return None  # a newer one is already in a song
    await unit.assets.move(newest.id, to_session=session_id)
    return newest.md5
