"""An unsure mood is asked about: the answer moves the song on, and so does its absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.deps import Deps
from handlers.events import Sender
from handlers.serialization import mood_from_json, mood_to_json
from handlers.song_options import SongOptions
from handlers.songs.access import own_song
from pipeline.values import EmotionLabel, Mood
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork


def must_ask(mood: Mood, options: SongOptions) -> bool:
    """Whether to ask the sender instead of guessing: unsure, and the platform can ask."""
    return options.interactive and not mood.sure


def ask_until(deps: Deps) -> datetime:
    return deps.clock.now() + timedelta(seconds=deps.limits.ask_s)


async def answer_mood(song_id: int, label: EmotionLabel, by: Sender, *, deps: Deps) -> bool:
    """Take the owner's word for the mood; False when the question was answered or had run out.

    Raises UnknownSong for songs of others.
    """

    async def store_answer(unit: UnitOfWork) -> SongRow | None:
        song = await own_song(song_id, by, unit=unit)
        if not await _continue_with(song_id, label, unit=unit, deps=deps):
            return None
        await _store_answer(song, label, unit=unit, now=deps.clock.now())
        return song

    song = await deps.commit(store_answer)
    if song is None:
        return False
    await _queue_draft(song_id, song.source, deps=deps)
    return True


async def stop_asking(song_id: int, platform: str, *, deps: Deps) -> bool:
    """Nobody answered: take the best guess. The sweeper calls this once the question has run out."""

    async def take_best_guess(unit: UnitOfWork) -> bool:
        song = await unit.songs.get(song_id)
        if song is None or song.status != SongState.ASKING:
            return False
        known = await unit.emotions.latest(song.session_id)
        assert known is not None
        assert known.extra is not None
        return await _continue_with(song_id, mood_from_json(known.extra).label, unit=unit, deps=deps)

    if not await deps.commit(take_best_guess):
        return False
    await _queue_draft(song_id, platform, deps=deps)
    return True


async def _continue_with(song_id: int, label: EmotionLabel, *, unit: UnitOfWork, deps: Deps) -> bool:
    return await unit.songs.advance(
        song_id,
        lease=None,
        from_states=(SongState.ASKING,),
        to=SongState.DRAFTING,
        now=deps.clock.now(),
        emotion=label,
        ask_until=None,
    )


async def _store_answer(song: SongRow, label: EmotionLabel, *, unit: UnitOfWork, now: datetime) -> None:
    """Keep the answer as a reading of its own: certain, with the scores of the face."""
    known = await unit.emotions.latest(song.session_id)
    assert known is not None
    assert known.extra is not None
    mood = replace(mood_from_json(known.extra), label=label, confidence=1.0)
    kept = {key: value for key, value in known.extra.items() if key in ("picture", "pictures")}
    extra = {**mood_to_json(mood), **kept, "chosen": True}
    await unit.emotions.add(session_id=song.session_id, emotion=label, confidence=1.0, extra=extra, now=now)
    await unit.event_log.add(
        session_id=song.session_id, agent="sender", event_type="answered", payload={"label": label}, ts=now
    )


async def _queue_draft(song_id: int, platform: str, *, deps: Deps) -> None:
    """Queue the second half of the draft under an attempt of its own: the first job may just be ending."""
    await deps.queue.put("draft", song_id, attempt=deps.limits.max_attempts, platform=platform)
