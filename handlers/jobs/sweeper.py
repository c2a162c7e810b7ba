"""The sweeper: queues every stale song again, and removes photos that a crash left behind.

It may run in any number of processes: queueing is idempotent, and attempts are counted where a song is claimed.
"""

from __future__ import annotations

import logging
from datetime import datetime

from handlers.account.erase import finish_erasures
from handlers.deps import Deps
from handlers.idempotency import forget_old_keys
from handlers.intake.pending_selfie import prune_pending_selfies
from handlers.songs import photos
from handlers.songs.cancel import STAGE_OF
from handlers.songs.mood_question import stop_asking
from storage.repositories.song_rows import StaleSong
from storage.song_states import NEEDS_NOTICE, SongState

log = logging.getLogger(__name__)

BATCH = 200  # songs a sweep; the rest follows with the next one


async def sweep(*, deps: Deps) -> None:
    """Sweep once: stale songs, questions without an answer, missing notices, photos, old keys."""
    before = deps.stale_before()
    for song in await deps.commit(lambda unit: unit.song_queries.stale(before=before, limit=BATCH)):
        if song.status in NEEDS_NOTICE:
            await deps.queue.put("deliver", song.id, attempt=song.attempts, platform=song.source)
        elif song.attempts >= deps.limits.max_attempts:
            await _give_up(song, before, deps=deps)
        else:
            await _queue_again(song, before, deps=deps)
    for photo in await deps.commit(lambda unit: unit.assets.photos_left(before=before, limit=BATCH)):
        await photos.discard(photo, deps=deps)
    await deps.media.sweep_unfinished(before=before)
    for song in await deps.commit(lambda unit: unit.song_queries.unanswered(now=deps.clock.now(), limit=BATCH)):
        await stop_asking(song.id, song.source, deps=deps)
    await forget_old_keys(deps=deps)
    await finish_erasures(deps=deps)
    await prune_pending_selfies(deps=deps)


async def _queue_again(song: StaleSong, before: datetime, *, deps: Deps) -> None:
    now = deps.clock.now()
    if await deps.commit(lambda unit: unit.songs.free_stale(song.id, before=before, now=now)):
        log.info("song %d: no heartbeat while %s, queued again", song.id, song.status)
        stage = STAGE_OF[song.status]
        await deps.queue.put(stage, song.id, attempt=song.attempts, platform=song.source)


async def _give_up(song: StaleSong, before: datetime, *, deps: Deps) -> None:
    """Fail a song over which `max_attempts` workers have died."""
    now, facts = deps.clock.now(), {"attempts": song.attempts}
    code = "delivery_timeout" if song.status == SongState.DELIVERING else "worker_died"
    failed = await deps.commit(
        lambda unit: unit.songs.fail(song.id, lease=None, code=code, facts=facts, now=now, stale_before=before)
    )
    if failed:
        log.warning("song %d: given up while %s after %d attempts", song.id, song.status, song.attempts)
        await deps.queue.put("deliver", song.id, attempt=0, platform=song.source)
