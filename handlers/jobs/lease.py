"""A lease on a song: while a worker holds it and its heartbeat goes on, nobody else changes the row."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from handlers.concurrency import wait_uncancelled
from handlers.deps import Deps
from pipeline.errors import Cancelled
from storage.errors import Conflict, DatabaseAway
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class Lease:
    """What the holder knows: the row as claimed, and whether to go on."""

    song: SongRow
    token: str
    progress: float | None = None  # what the next heartbeat writes; engines set it from their threads
    lost: threading.Event = field(default_factory=threading.Event)
    ending: bool = False  # the holder commits the end of the lease: a beat that no longer finds it says nothing new

    def report(self, fraction: float) -> None:
        """Note how far the engine is."""
        self.progress = fraction


def ensure_lease_held(changed: bool) -> None:
    """Stop when a compare-and-set found the row changed by somebody else."""
    if not changed:
        raise Cancelled


async def end_lease(lease: Lease, store: Callable[[UnitOfWork], Awaitable[T]], *, deps: Deps) -> T:
    """Commit a change that ends the lease; its compare-and-set tells whether somebody else ended it before.

    A heartbeat that no longer finds the lease then breaks nothing off: the next stage is still to be queued.
    """
    lease.ending = True
    return await deps.commit(store)


async def claim(song_id: int, *, states: Sequence[SongState], deps: Deps) -> Lease | None:
    """Take the song if it is in one of `states` and free; None when it is done, gone or somebody else's."""
    token = secrets.token_hex(8)
    song = await deps.commit(
        lambda unit: unit.songs.claim(
            song_id, states=states, lease=token, now=deps.clock.now(), stale_before=deps.stale_before()
        )
    )
    return Lease(song, token) if song else None


async def start_stage(
    lease: Lease, state: SongState, *, from_states: Sequence[SongState], deps: Deps, progress: float = 0.0
) -> None:
    """Move the song into the state of the work that begins; Cancelled when it is no longer ours."""
    ensure_lease_held(
        await deps.commit(
            lambda unit: unit.songs.advance(
                lease.song.id,
                lease=lease.token,
                from_states=from_states,
                to=state,
                now=deps.clock.now(),
                keep_lease=True,
                progress=progress,
            )
        )
    )


@asynccontextmanager
async def heartbeat(lease: Lease, *, deps: Deps) -> AsyncIterator[None]:
    """Renew the lease while the body runs. A lost lease (cancelled by its owner, or expired) raises Cancelled in it.

    Engines in threads see `lease.lost`; coroutines are cancelled. When this job itself is cancelled (a stopping
    worker, an abort), the engines are told too, and the lease is released for another worker.
    """
    body = asyncio.current_task()
    assert body is not None
    stopping = asyncio.Event()
    beats = asyncio.create_task(_beat_until_stopped(lease, body, stopping, deps=deps))
    try:
        yield
    except asyncio.CancelledError:
        if lease.lost.is_set() and body.uncancel() == 0:
            raise Cancelled from None
        lease.lost.set()
        await wait_uncancelled(asyncio.create_task(_release(lease, deps=deps)))
        raise
    finally:
        # The heartbeat ends by itself. Cancelled in the middle of a statement, it could take that for a database that
        # is away, and go on for ever.
        stopping.set()
        try:
            await wait_uncancelled(beats)
        except asyncio.CancelledError:
            if not lease.lost.is_set():
                raise
            body.uncancel()  # the lease was lost in the very moment in which the work was done
        beats.result()


async def _beat_until_stopped(lease: Lease, body: asyncio.Task[object], stopping: asyncio.Event, *, deps: Deps) -> None:
    while not await _stopped_within(deps.limits.beat_every_s, stopping, deps=deps):
        try:
            async with deps.open_unit() as unit:
                alive = await unit.songs.beat(
                    lease.song.id, lease=lease.token, now=deps.clock.now(), progress=lease.progress
                )
                await unit.commit()
        except (Conflict, DatabaseAway):  # a missed beat does no harm until the lease counts as stale
            log.warning("song %d: heartbeat missed", lease.song.id)
            continue
        if not alive and lease.ending:
            return
        if not alive:
            lease.lost.set()
            if not stopping.is_set():
                body.cancel()
            return


async def _stopped_within(seconds: float, stopping: asyncio.Event, *, deps: Deps) -> bool:
    """Sleep, but not longer than until the work is done; say whether it is."""
    waits = [asyncio.ensure_future(deps.clock.sleep(seconds)), asyncio.ensure_future(stopping.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return stopping.is_set()


async def _release(lease: Lease, *, deps: Deps) -> None:
    try:
        await deps.commit(lambda unit: unit.songs.release(lease.song.id, lease=lease.token, now=deps.clock.now()))
    except (Conflict, DatabaseAway) as error:
        log.warning("song %d: not handed back, left to the sweeper: %r", lease.song.id, error)
        return
    log.info("song %d handed back", lease.song.id)
