"""The music job: render the stored plan, finish it, keep the files, queue the delivery.

Blocking work runs in threads; the engine reports progress and asks whether to go on through the lease.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from handlers.deps import Deps
from handlers.jobs.attempt import attempt
from handlers.jobs.compose import Made, compose, render_in_thread
from handlers.jobs.lease import Lease, claim, end_lease, ensure_lease_held, start_stage
from handlers.serialization import from_json, stored_plan, to_json
from handlers.song_options import SongOptions
from handlers.songs.credit import credit_of, credit_to_json
from handlers.songs.remarks import remarks_to_json
from handlers.texts import song_title
from pipeline.audio.composer import Composer
from pipeline.audio.finishing import FinishedSong, finish
from pipeline.errors import EngineFailed
from pipeline.values import Plan, Waveform
from storage.media import media_path
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

STATES = (SongState.QUEUED, SongState.RENDERING)
ARTIST = "Selfietune"


async def render_song(song_id: int, *, deps: Deps, composers: Sequence[Composer]) -> None:
    """Bring one song from `queued` to `delivering`; the first composer takes those that name no engine."""
    lease = await claim(song_id, states=STATES, deps=deps)
    if lease is None:
        return

    async def render() -> None:
        await start_stage(lease, SongState.RENDERING, from_states=STATES, deps=deps)
        planned = stored_plan(lease.song)
        composer = composer_for(planned.params.model, composers)
        started = time.perf_counter()
        made = await _compose_in_time(lease, with_engine_named(composer, planned), deps=deps, composer=composer)
        plan = made.plan
        rendered = time.perf_counter()
        title = song_title(from_json(SongOptions, lease.song.options).locale, plan.mood, plan.genre)
        song = await asyncio.to_thread(partial(finished, made.sound, plan, title=title, composer=composer))
        took = Took(render_ms=_ms(rendered - started), finish_ms=_ms(time.perf_counter() - rendered))
        await _commit_song(lease, made, song, took, composer=composer, deps=deps)
        await deps.queue.put("deliver", song_id, attempt=0, platform=lease.song.source)

    await attempt(lease, render, stage="music", deps=deps)


def composer_for(engine: str, composers: Sequence[Composer]) -> Composer:
    """Find the engine a song asks for, by its name or its family ("musicgen" of "musicgen-small").

    Raises EngineFailed "unknown_engine": another worker may have it.
    """
    if engine == "auto":
        return composers[0]
    for composer in composers:
        if composer.name == engine or composer.name.split("-")[0] == engine:
            return composer
    raise EngineFailed("unknown_engine", engine=engine[:40])


def finished(sound: Waveform, plan: Plan, *, title: str, composer: Composer) -> FinishedSong:
    """Make the song's file; its tags name the engine and its terms."""
    return finish(sound, plan, title=title, artist=ARTIST, engine=composer.name, licence_note=composer.licence_note)


def with_engine_named(composer: Composer, plan: Plan) -> Plan:
    """Name the engine that really renders: `auto` may be any, and the recipe must be honest."""
    return replace(plan, params=replace(plan.params, model=composer.name))


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of wall time, for the event log."""

    render_ms: float
    finish_ms: float


async def _compose_in_time(lease: Lease, plan: Plan, *, deps: Deps, composer: Composer) -> Made:
    render = render_in_thread(
        composer, listener=lease.song.user_id, on_progress=lease.report, cancelled=lease.lost.is_set
    )
    try:
        async with asyncio.timeout(deps.limits.render_timeout_s):
            return await compose(lease.song, plan, render, composer=composer, deps=deps)
    except TimeoutError as error:
        lease.lost.set()  # the engine's thread stops at its next check
        raise EngineFailed("render_timeout") from error


async def _commit_song(
    lease: Lease, made: Made, song: FinishedSong, took: Took, *, composer: Composer, deps: Deps
) -> None:
    """Write the files, then the row that names them; a crash in between is written over by the next attempt."""
    row, plan = lease.song, made.plan
    waveform_md5 = hashlib.md5(song.waveform_png, usedforsecurity=False).hexdigest()
    audio = media_path(row.user_id, row.session_id, song.md5, "mp3")
    waveform = media_path(row.user_id, row.session_id, waveform_md5, "png")
    await deps.media.put(audio, song.mp3)
    await deps.media.put(waveform, song.waveform_png)

    async def store_song(unit: UnitOfWork) -> None:
        now = deps.clock.now()
        session = row.session_id
        await unit.assets.add(session_id=session, kind="audio", path=audio, mime="audio/mpeg", md5=song.md5, now=now)
        await unit.assets.add(
            session_id=session, kind="video_waveform", path=waveform, mime="image/png", md5=waveform_md5, now=now
        )
        await unit.event_log.add(
            session_id=row.session_id,
            agent="compose",
            event_type="rendered",
            payload={
                "engine": plan.params.model,
                "render_ms": took.render_ms,
                "finish_ms": took.finish_ms,
                "duration_s": song.duration_s,
                "sample_rate": song.sample_rate,
                "channels": song.channels,
            },
            ts=now,
        )
        ensure_lease_held(
            await unit.songs.advance(
                row.id,
                lease=lease.token,
                from_states=(SongState.RENDERING,),
                to=SongState.DELIVERING,
                now=now,
                keep_lease=False,
                audio_path=audio,
                waveform_path=waveform,
                audio_md5=song.audio_md5,
                duration_sec=song.duration_s,
                model=plan.params.model,
                params={
                    **to_json(plan.params),
                    "made_with": dict(composer.made_with),
                    **credit_to_json(credit_of(composer)),
                    **remarks_to_json(made.remarks),
                },
                progress=1.0,
            )
        )

    await end_lease(lease, store_song, deps=deps)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
