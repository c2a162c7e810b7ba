"""Render a plan with the sounds it starts from; without a melody or shorter where an engine cannot do all of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from handlers.deps import Deps
from handlers.songs.remarks import Remark
from pipeline.audio import mp3
from pipeline.audio.composer import Composer
from pipeline.audio.ending import before_ending
from pipeline.audio.recording import read_recording
from pipeline.errors import BadInput, EngineFailed
from pipeline.values import MIN_DURATION_S, Plan, Waveform
from storage.errors import MediaMissing
from storage.repositories.song_rows import SongRow

log = logging.getLogger(__name__)

SHORTENINGS = 3  # 120 s become 60, 30 and 15 s; a song for which that is still too much fails
LEAST_ADDED_S = 2.0  # to an earlier song
WITHOUT_MELODY = frozenset(
    ("melody_unsupported", "melody_too_short", "melody_silent", "melody_lost", "unreadable_audio")
)


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Sounds that a song starts from."""

    melody: Waveform | None = None
    extend: Waveform | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A rendered song, the plan as it was followed, and what the listener must hear about it."""

    sound: Waveform
    plan: Plan
    remarks: tuple[Remark, ...] = ()


Render = Callable[[Plan, Sources], Awaitable[Waveform]]


def render_in_thread(
    composer: Composer,
    *,
    listener: int | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Render:
    """Give a Render that lets the composer work in a thread."""

    async def render(plan: Plan, sources: Sources) -> Waveform:
        work = partial(composer.compose, plan, melody=sources.melody, extend=sources.extend)
        return await asyncio.to_thread(work, listener=listener, on_progress=on_progress, cancelled=cancelled)

    return render


async def compose(song: SongRow, plan: Plan, render: Render, *, composer: Composer, deps: Deps) -> Made:
    """Render; without a melody that cannot be followed, and shorter where memory runs out.

    Raises what the engine raises otherwise, and BadInput "extend_unsupported" (engine) or "extend_lost".
    """
    extend = await _load_earlier_song(song, plan, composer=composer, deps=deps)
    try:
        melody = await _load_melody(song, plan, composer=composer, deps=deps)
        return await _render_within_memory(plan, Sources(melody, extend), render)
    except BadInput as error:
        if plan.params.melody is None or error.code not in WITHOUT_MELODY:
            raise
        remark = Remark("without_melody", error.code, error.facts)
    log.info("song %d is made without its melody: %s", song.id, remark.code)
    without = replace(plan, params=replace(plan.params, melody=None))
    made = await _render_within_memory(without, Sources(extend=extend), render)
    return replace(made, remarks=(remark, *made.remarks))


async def _render_within_memory(plan: Plan, sources: Sources, render: Render) -> Made:
    """Render as much of the song as the device has memory for: half, and half of that, after EngineFailed."""
    asked = plan.params.duration_s
    least = MIN_DURATION_S if sources.extend is None else sources.extend.duration_s + LEAST_ADDED_S
    for _ in range(SHORTENINGS):
        try:
            return Made(await render(plan, sources), plan, _remark_if_shortened(asked, plan))
        except EngineFailed as error:
            seconds = max(least, float(round(plan.params.duration_s / 2)))
            if error.code != "out_of_memory" or seconds >= plan.params.duration_s:
                raise
        log.warning("out of memory: %g s of music are tried in place of %g s", seconds, plan.params.duration_s)
        plan = replace(plan, params=replace(plan.params, duration_s=seconds))
    return Made(await render(plan, sources), plan, _remark_if_shortened(asked, plan))


def _remark_if_shortened(asked: float, plan: Plan) -> tuple[Remark, ...]:
    seconds = plan.params.duration_s
    return (Remark("shorter", "out_of_memory", {"seconds": round(asked)}),) if seconds < asked else ()


async def _load_melody(song: SongRow, plan: Plan, *, composer: Composer, deps: Deps) -> Waveform | None:
    """Decode the listener's melody. Raises BadInput with a code of WITHOUT_MELODY."""
    md5 = plan.params.melody
    if md5 is None:
        return None
    if not composer.takes_melody:
        raise BadInput("melody_unsupported")
    kept = await deps.read(lambda unit: unit.assets.newest_melody(song.user_id, md5=md5))
    if kept is None:
        raise BadInput("melody_lost")
    try:
        return await asyncio.to_thread(read_recording, await deps.media.get(kept.path))
    except MediaMissing as error:  # we died between noting the file and keeping it
        raise BadInput("melody_lost") from error


async def _load_earlier_song(song: SongRow, plan: Plan, *, composer: Composer, deps: Deps) -> Waveform | None:
    """Decode the song that this one goes on from, up to where its ending began."""
    song_id = plan.params.extends
    if song_id is None:
        return None
    if not composer.can_extend:
        raise BadInput("extend_unsupported", engine=composer.name)
    earlier = await deps.read(lambda unit: unit.songs.get(song_id))
    if earlier is None or earlier.user_id != song.user_id or earlier.audio_path is None:
        raise BadInput("extend_lost")
    try:
        mp3_bytes = await deps.media.get(earlier.audio_path)
    except MediaMissing as error:
        raise BadInput("extend_lost") from error
    return before_ending(await asyncio.to_thread(mp3.decode, mp3_bytes))
