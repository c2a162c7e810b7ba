"""/extend: a new song that goes on where an earlier one of its owner's ends, by the same recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Origin, Sender
from handlers.serialization import from_json, plan_columns, stored_plan
from handlers.song_options import SongOptions, params_of, seed_of
from handlers.songs.access import own_song
from handlers.songs.create import CreatedSong, NewSong, create_song
from pipeline.brief.prompt import render_prompt
from pipeline.values import MAX_DURATION_S, Brief, Plan, Section
from storage.repositories.emotions import EmotionRow
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

USUAL_S = 30.0
SHORTEST_S = 5.0  # less is not worth a song


@dataclass(frozen=True, slots=True)
class _EarlierSong:
    """The song to go on from; it came out, so it has everything."""

    song: SongRow
    mood: EmotionRow
    duration_s: float


async def extend_song(
    song_id: int, by: Sender, origin: Origin, *, deps: Deps, seconds: float = USUAL_S, interactive: bool = True
) -> int:
    """Begin a song that goes on by `seconds`, or until a song's greatest length; return its id.

    The same origin.key again gives the same song. An engine that cannot do it fails the song with a sentence.
    Raises UnknownSong (also for songs of others) and Refused: extend_unheard, extend_full, bad_extension,
    too_many_in_work, too_many_today.
    """
    if not SHORTEST_S <= seconds <= MAX_DURATION_S:
        raise Refused("bad_extension", low=int(SHORTEST_S), high=int(MAX_DURATION_S - SHORTEST_S))
    earlier = await _load_earlier(song_id, by, deps=deps)
    total = min(MAX_DURATION_S, round(earlier.duration_s + seconds, 1))
    if total - earlier.duration_s < SHORTEST_S:
        raise Refused("extend_full", id=song_id, limit=int(MAX_DURATION_S))
    kept = from_json(SongOptions, earlier.song.options)
    options = replace(kept, duration_s=total, extends=song_id, seed=None, locale=origin.locale, interactive=interactive)

    async def add_inputs(unit: UnitOfWork, created: CreatedSong) -> None:
        await _write_recipe(earlier, created, unit=unit, deps=deps)

    new_song = NewSong(by, origin.reply_to, options, origin.key, origin.in_group, SongState.QUEUED, take_of=song_id)
    created = await create_song(new_song, add_inputs, deps=deps)
    if created.new:
        await deps.queue.put("music", created.song_id, attempt=0, platform=by.platform)
    return created.song_id


async def _load_earlier(song_id: int, by: Sender, *, deps: Deps) -> _EarlierSong:
    async def load_song(unit: UnitOfWork) -> _EarlierSong:
        song = await own_song(song_id, by, unit=unit)
        mood = await unit.emotions.latest(song.session_id)
        if song.audio_path is None or song.duration_sec is None or mood is None:
            raise Refused("extend_unheard", id=song_id)
        return _EarlierSong(song, mood, song.duration_sec)

    return await deps.read(load_song)


async def _write_recipe(earlier: _EarlierSong, created: CreatedSong, *, unit: UnitOfWork, deps: Deps) -> None:
    """Give the new song the mood and the recipe of the earlier one."""
    now, mood = deps.clock.now(), earlier.mood
    await unit.emotions.add(
        session_id=created.session_id, emotion=mood.emotion, confidence=mood.confidence, extra=mood.extra, now=now
    )
    row = await unit.songs.get(created.song_id)
    assert row is not None
    options = from_json(SongOptions, row.options)  # a melody that waited is in it
    params = params_of(options, seed=seed_of(options, created.song_id))
    plan = replace(_prolonged(stored_plan(earlier.song), earlier.duration_s, options.duration_s), params=params)
    first_prompt = earlier.song.prompt_initial or plan.brief.style
    written = await unit.songs.write_plan(created.song_id, **plan_columns(plan, prompt_initial=first_prompt))
    assert written  # nobody knows of the song before this unit is committed


def _prolonged(plan: Plan, start_s: float, end_s: float) -> Plan:
    """The same recipe, its last section played once more for the new part."""
    sections = tuple(part for part in plan.brief.sections if part.end_s <= start_s + 0.5)
    text = plan.brief.sections[-1].text if plan.brief.sections else ""
    since = sections[-1].end_s if sections else 0.0
    brief: Brief = replace(plan.brief, sections=(*sections, Section(since, end_s, text)) if text else ())
    return replace(plan, brief=brief, prompt=render_prompt(brief))
