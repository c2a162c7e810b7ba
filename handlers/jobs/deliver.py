"""The deliver job, run in the chat process: send a song to its chat exactly once, or tell why there is none."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from handlers.delivery import outbox
from handlers.delivery.notices import send_notice
from handlers.delivery.outbox import Outgoing
from handlers.delivery.song_message import song_message
from handlers.deps import Deps
from handlers.jobs.attempt import attempt
from handlers.jobs.lease import Lease, claim, end_lease, ensure_lease_held
from handlers.ports import Chat, ChatGone, ChatLater, MessageRef, SongMessage, Undecided
from pipeline.errors import EngineFailed
from storage.song_states import NEEDS_NOTICE, SongState
from storage.tables.messages import DeliveryState
from storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

SHORT_PAUSE_S = 3.0  # a shorter "later" is waited for; a longer one frees the slot for other chats' songs


async def deliver_song(song_id: int, *, deps: Deps, chat: Chat) -> None:
    """Bring one song from `delivering` to `delivered`; a failed or ambiguous one gets its notice."""
    song = await deps.read(lambda unit: unit.songs.get(song_id))
    if song is None or song.source != chat.platform:
        return
    if song.status in NEEDS_NOTICE:
        await send_notice(song, deps=deps, chat=chat)
    else:
        await _deliver(song_id, deps=deps, chat=chat)


async def _deliver(song_id: int, *, deps: Deps, chat: Chat) -> None:
    lease = await claim(song_id, states=(SongState.DELIVERING,), deps=deps)
    if lease is None:
        return

    async def send_song() -> None:
        message = await song_message(lease.song, deps=deps)
        out = await outbox.start_delivery(song_id, "song", platform=chat.platform, deps=deps)
        if isinstance(out, Outgoing):
            await _send_and_settle(out, message, lease, deps=deps, chat=chat)
        elif out == "done":
            await _end_delivery(lease, SongState.DELIVERED, deps=deps)
        else:
            raise EngineFailed("delivery_timeout")

    await attempt(lease, send_song, stage="deliver", deps=deps)
    ended = await deps.read(lambda unit: unit.songs.get(song_id))
    if ended is not None and ended.status == SongState.AMBIGUOUS:
        await send_notice(ended, deps=deps, chat=chat)


async def _send_and_settle(out: Outgoing, message: SongMessage, lease: Lease, *, deps: Deps, chat: Chat) -> None:
    """Send and write down how it ended. What raises anything unknown stays `sending` and counts as an attempt."""
    try:
        ref = await _send_to_chat(out, message, deps=deps, chat=chat)
    except ChatLater as later:
        await _postpone(out, lease, later.retry_after_s, deps=deps)
    except ChatGone:
        log.warning("song %d: no place to send it to, kept", message.song_id)
        await _end_delivery(lease, SongState.DELIVERED, out=out, to=DeliveryState.KEPT, deps=deps)
    except Undecided:
        log.warning("song %d: sent, perhaps", message.song_id)
        await _end_delivery(lease, SongState.AMBIGUOUS, out=out, to=DeliveryState.AMBIGUOUS, deps=deps)
    else:
        await _end_delivery(lease, SongState.DELIVERED, out=out, to=DeliveryState.SENT, ref=ref, deps=deps)


async def _send_to_chat(out: Outgoing, message: SongMessage, *, deps: Deps, chat: Chat) -> MessageRef:
    """Send to the place, else to the person; a short "later" is waited for once."""

    async def send_once(*, repeated: bool, direct: bool = False) -> MessageRef:
        try:
            async with asyncio.timeout(deps.limits.deliver_timeout_s):
                return await chat.send_song(message, nonce=out.row.nonce, repeated=repeated, direct=direct)
        except TimeoutError as error:
            raise EngineFailed("delivery_timeout") from error

    direct = False
    for last in (False, False, True):
        try:
            return await send_once(repeated=out.repeated, direct=direct)
        except ChatGone:
            if direct or message.account_id is None:
                raise
            direct = True
        except ChatLater as later:
            if last or later.retry_after_s > SHORT_PAUSE_S:
                raise
            await deps.clock.sleep(later.retry_after_s)
    raise ChatLater


async def _postpone(out: Outgoing, lease: Lease, retry_after_s: float, *, deps: Deps) -> None:
    """Free the song until later: the sweeper finds it as stale just when the platform wants to be asked again."""
    patient = not outbox.out_of_patience(out, deps=deps)
    # An earlier send may have arrived; that this one did not does not change it.
    to = DeliveryState.SENDING if out.repeated else DeliveryState.PENDING
    due = deps.clock.now() + timedelta(seconds=retry_after_s - deps.limits.stale_after_s)

    async def free_song(unit: UnitOfWork) -> None:
        await outbox.settle(out, to, unit=unit, deps=deps)
        if patient:
            await unit.songs.put_off(lease.song.id, lease=lease.token, heartbeat_at=due)

    await end_lease(lease, free_song, deps=deps)
    if not patient:
        raise EngineFailed("delivery_timeout")


async def _end_delivery(
    lease: Lease,
    state: SongState,
    *,
    deps: Deps,
    out: Outgoing | None = None,
    to: DeliveryState = DeliveryState.SENT,
    ref: MessageRef | None = None,
) -> None:
    """Commit where the message stands and how the song ended, together."""

    async def store_end(unit: UnitOfWork) -> bool:
        if out is not None:
            await outbox.settle(out, to, unit=unit, deps=deps, ref=ref)
        return await unit.songs.advance(
            lease.song.id,
            lease=lease.token,
            from_states=(SongState.DELIVERING,),
            to=state,
            now=deps.clock.now(),
            keep_lease=False,
        )

    ensure_lease_held(await end_lease(lease, store_end, deps=deps))
