"""The deliver job: hand a finished song to its chat, or tell why there is none. Runs in the chat process."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from handlers.attempt import attempt
from handlers.desk import Desk
from handlers.lease import claim, still_ours
from handlers.ports import Chat, SongMessage
from handlers.records import mood_from_json
from handlers.rendering import stored_plan
from handlers.texts import sentence, song_title
from handlers.wish import wish_from_json
from pipeline.errors import EngineFailed
from storage.songs import SongRow
from storage.states import State


async def deliver_song(song_id: int, *, desk: Desk, chat: Chat) -> None:
    """Bring one song from `delivering` to `delivered`; a failed one gets its sentence."""
    song = await desk.commit(lambda unit: unit.songs.get(song_id))
    if song is None or song.source != chat.platform:
        return
    if song.status == State.FAILED and song.told_at is None:
        await _tell(song_id, desk=desk, chat=chat)
    else:
        await _send(song_id, desk=desk, chat=chat)


async def _send(song_id: int, *, desk: Desk, chat: Chat) -> None:
    lease = await claim(song_id, states=(State.DELIVERING,), desk=desk)
    if lease is None:
        return

    async def work() -> None:
        message = await song_message(lease.song, desk=desk)
        try:
            async with asyncio.timeout(desk.limits.deliver_timeout_s):
                await chat.send_song(message)
        except TimeoutError as error:
            raise EngineFailed("delivery_timeout") from error
        still_ours(
            await desk.commit(
                lambda unit: unit.songs.advance(
                    song_id,
                    lease=lease.token,
                    from_states=(State.DELIVERING,),
                    to=State.DELIVERED,
                    now=desk.clock.now(),
                    keep_lease=False,
                )
            )
        )

    await attempt(lease, work, stage="deliver", desk=desk)


async def song_message(song: SongRow, *, desk: Desk) -> SongMessage:
    """Gather what a chat shows of a finished song."""
    assert song.audio_path is not None
    assert song.waveform_path is not None
    mood = await desk.commit(lambda unit: unit.moods.latest(song.session_id))
    assert mood is not None
    assert mood.extra is not None
    plan, locale = stored_plan(song), wish_from_json(song.wish).locale
    return SongMessage(
        song_id=song.id,
        reply_to=address_of(song),
        locale=locale,
        audio_path=PurePosixPath(song.audio_path),
        waveform_path=PurePosixPath(song.waveform_path),
        title=song_title(locale, plan.mood, plan.genre),
        mood=mood_from_json(mood.extra),
        plan=plan,
        engine=song.model or plan.params.model,
    )


def address_of(song: SongRow) -> dict[str, str]:
    """Give the platform's address of the conversation, as the selfie came with it."""
    return {key: str(value) for key, value in (song.reply_to or {}).items()}


def facts_of(song: SongRow) -> dict[str, str | float]:
    """Give what fills the blanks of a failure's sentence."""
    facts = (song.error or {}).items()
    return {key: value for key, value in facts if isinstance(value, (str, int, float))}


async def _tell(song_id: int, *, desk: Desk, chat: Chat) -> None:
    """Say why there is no song, then note that it was said; a crash in between says it again, never not at all.

    The job that failed the song and the sweeper may both queue this: the lease lets one of them speak. No heart
    beats for it, so speaking ends before the lease counts as stale.
    """
    lease = await claim(song_id, states=(State.FAILED,), desk=desk)
    if lease is None or lease.song.told_at is not None:
        return
    song, limits = lease.song, desk.limits
    words = sentence(wish_from_json(song.wish).locale, song.error_code or "broken", **facts_of(song))
    async with asyncio.timeout(min(limits.deliver_timeout_s, limits.stale_after_s)):
        await chat.tell(address_of(song), words, song_id=song.id)
    await desk.commit(lambda unit: unit.songs.mark_told(song.id, now=desk.clock.now()))
