"""One attempt at a stage, and how it ends: done, again, or as a sentence for the listener.

The sender's mistakes fail at once. Engines' failures and bugs are tried again, up to `max_attempts` runs of the
stage, then fail. Whatever the end, the photo is gone with it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from handlers.deps import Deps
from handlers.jobs.lease import Lease, heartbeat
from handlers.ports import Stage
from handlers.songs import photos
from pipeline.errors import BadInput, Cancelled, PipelineError

log = logging.getLogger(__name__)


async def attempt(lease: Lease, work: Callable[[], Awaitable[None]], *, stage: Stage, deps: Deps) -> None:
    """Run `work` under a heartbeat and settle what it raises."""
    try:
        async with heartbeat(lease, deps=deps):
            await work()
    except Cancelled:
        log.info("song %d: no longer ours", lease.song.id)
    except BadInput as error:
        await fail(lease, error, deps=deps)
    except PipelineError as error:
        log.warning("song %d: %s in %s, attempt %d", lease.song.id, error.code, stage, lease.song.attempts)
        await _retry_or_fail(lease, error, stage=stage, deps=deps)
    except Exception:  # a bug of ours must not lose a song or leave a photo
        log.exception("song %d: the %s stage broke, attempt %d", lease.song.id, stage, lease.song.attempts)
        await _retry_or_fail(lease, PipelineError("broken"), stage=stage, deps=deps)


async def _retry_or_fail(lease: Lease, error: PipelineError, *, stage: Stage, deps: Deps) -> None:
    song = lease.song
    if song.attempts >= deps.limits.max_attempts:
        await fail(lease, error, deps=deps)
        return
    now = deps.clock.now()
    await deps.commit(lambda unit: unit.songs.release(song.id, lease=lease.token, now=now, counted=True))
    await deps.queue.put(stage, song.id, attempt=song.attempts, platform=song.source)


async def fail(lease: Lease, error: PipelineError, *, deps: Deps) -> None:
    """End the song with a reason, remove its photo, and have the listener told."""
    song, now = lease.song, deps.clock.now()
    facts = {**error.facts, "mendable": isinstance(error, BadInput)}
    ours = await deps.commit(
        lambda unit: unit.songs.fail(song.id, lease=lease.token, code=error.code, facts=facts, now=now)
    )
    if not ours:
        return
    await photos.remove(song.session_id, deps=deps)
    await deps.queue.put("deliver", song.id, attempt=0, platform=song.source)
