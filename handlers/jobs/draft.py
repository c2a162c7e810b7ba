"""The draft job: read the mood, draft the brief, personalise it, queue the song for rendering.

Safe to run twice at any line: each step is committed with the lease, and a second run starts from what the
row says. The photo leaves the disk as soon as its mood is committed, or the song has failed.
"""

from __future__ import annotations

import time

from handlers.deps import Deps
from handlers.jobs.attempt import attempt
from handlers.jobs.lease import Lease, claim, end_lease, ensure_lease_held, start_stage
from handlers.jobs.read_pictures import Reading, read_pictures, reading_to_json
from handlers.preferences.taste import load_taste, with_note
from handlers.serialization import chosen_mood, from_json, mood_from_json, plan_columns
from handlers.song_options import SongOptions, params_of, seed_of
from handlers.songs import photos
from handlers.songs.mood_question import ask_until, must_ask
from pipeline.brief.draft import Draft, draft_brief
from pipeline.brief.personalise import Personalised, personalise
from pipeline.brief.writer import Writer, writing_deadline
from pipeline.faces.read_mood import EmotionReader
from pipeline.values import Mood
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

STATES = (SongState.RECEIVED, SongState.READING, SongState.DRAFTING)


async def draft_song(song_id: int, *, deps: Deps, reader: EmotionReader, writer: Writer | None) -> None:
    """Bring one song from `received` to `queued`."""
    lease = await claim(song_id, states=STATES, deps=deps)
    if lease is None:
        return

    async def draft() -> None:
        options = from_json(SongOptions, lease.song.options)
        mood = await _find_mood(lease, options, deps=deps, reader=reader)
        if mood is None:
            return  # the sender is asked; their answer, or its absence, queues the song again
        await _make_plan(lease, options, mood, deps=deps, writer=writer)
        await deps.queue.put("music", song_id, attempt=0, platform=lease.song.source)

    await attempt(lease, draft, stage="draft", deps=deps)


async def _find_mood(lease: Lease, options: SongOptions, *, deps: Deps, reader: EmotionReader) -> Mood | None:
    """Give the mood that was committed before, that the sender named, or that the face shows; None: it is asked."""
    if lease.song.status == SongState.DRAFTING:
        known = await deps.read(lambda unit: unit.emotions.latest(lease.song.session_id))
        if known is not None and known.extra is not None:
            return mood_from_json(known.extra)
    await start_stage(lease, SongState.READING, from_states=STATES, deps=deps)
    started = time.perf_counter()
    if options.mood:
        reading = Reading(chosen_mood(options.mood))
    else:
        reading = await read_pictures(lease.song.session_id, deps=deps, reader=reader)
    asked = must_ask(reading.mood, options)
    await _commit_mood(lease, reading, ms=_ms_since(started), asked=asked, deps=deps)
    await photos.remove(lease.song.session_id, deps=deps)
    return None if asked else reading.mood


async def _commit_mood(lease: Lease, reading: Reading, *, ms: float, asked: bool, deps: Deps) -> None:
    async def store_mood(unit: UnitOfWork) -> None:
        now, mood = deps.clock.now(), reading.mood
        session = lease.song.session_id
        await unit.emotions.add(
            session_id=session,
            emotion=mood.label,
            confidence=mood.confidence,
            extra=reading_to_json(reading),
            now=now,
        )
        for part in mood.segments:
            await unit.emotions.add(
                session_id=session,
                emotion=part.label,
                confidence=part.confidence,
                frame_ts=part.start_s,
                now=now,
            )
        await unit.event_log.add(
            session_id=session,
            agent="emotion",
            event_type="read",
            payload={"ms": ms, "label": mood.label, "faces": mood.faces},
            ts=now,
        )
        ensure_lease_held(
            await unit.songs.advance(
                lease.song.id,
                lease=lease.token,
                from_states=(SongState.READING,),
                to=SongState.ASKING if asked else SongState.DRAFTING,
                now=now,
                keep_lease=not asked,
                emotion=mood.label,
                ask_until=ask_until(deps) if asked else None,
            )
        )

    if asked:
        await end_lease(lease, store_mood, deps=deps)
    else:
        await deps.commit(store_mood)


async def _make_plan(lease: Lease, options: SongOptions, mood: Mood, *, deps: Deps, writer: Writer | None) -> None:
    started = time.perf_counter()
    seed = seed_of(options, lease.song.id)
    taste = await deps.read(lambda unit: load_taste(lease.song.user_id, unit=unit, limits=deps.limits))
    taste = with_note(taste, options.note)
    deadline = writing_deadline(deps.limits.writing_timeout_s)
    draft = await draft_brief(mood, duration_s=options.duration_s, seed=seed, writer=writer, deadline=deadline)
    drafted = time.perf_counter()
    params = params_of(options, seed=seed)
    personal = await personalise(draft.brief, taste, mood=mood, params=params, writer=writer, deadline=deadline)
    await _commit_plan(
        lease, draft, personal, draft_ms=_ms(drafted - started), personalise_ms=_ms_since(drafted), deps=deps
    )


async def _commit_plan(
    lease: Lease, draft: Draft, personal: Personalised, *, draft_ms: float, personalise_ms: float, deps: Deps
) -> None:
    columns = plan_columns(personal.plan, prompt_initial=draft.brief.description or draft.brief.style)
    notes = {
        "draft": {"ms": draft_ms, "source": draft.source, "why": draft.why},
        "personalise": {"ms": personalise_ms, "source": personal.source, "why": personal.why},
    }

    async def store_plan(unit: UnitOfWork) -> None:
        now = deps.clock.now()
        for agent, payload in notes.items():
            await unit.event_log.add(
                session_id=lease.song.session_id, agent=agent, event_type="written", payload=payload, ts=now
            )
        ensure_lease_held(
            await unit.songs.advance(
                lease.song.id,
                lease=lease.token,
                from_states=(SongState.DRAFTING,),
                to=SongState.QUEUED,
                now=now,
                keep_lease=False,
                **columns,
            )
        )

    await end_lease(lease, store_plan, deps=deps)


def _ms_since(started: float) -> float:
    return _ms(time.perf_counter() - started)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
