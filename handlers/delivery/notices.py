"""Notices: why there is no song, or the question whether it arrived. One message each, sent by the outbox."""

from __future__ import annotations

import asyncio
import logging

from handlers.button_actions import ButtonAction
from handlers.delivery import outbox
from handlers.delivery.outbox import Outgoing
from handlers.delivery.song_message import account_of, address_of, facts_of
from handlers.deps import Deps
from handlers.ports import Chat, ChatGone, ChatLater, MessageRef, Notice, Undecided
from handlers.responses import Button, Rows
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.texts import sentence
from storage.repositories.song_rows import SongRow
from storage.song_states import SongState
from storage.tables.messages import DeliveryState
from storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


async def send_notice(song: SongRow, *, deps: Deps, chat: Chat) -> None:
    """Send the notice once. A failure whose status card stands in the chat is told on the card instead."""
    if song.notified_at is not None or await _card_tells_failure(song, deps=deps):
        return
    out = await outbox.start_delivery(song.id, "notice", platform=chat.platform, deps=deps)
    if out == "busy":
        return
    if isinstance(out, Outgoing):
        await _send_and_settle(out, song, deps=deps, chat=chat)
    else:
        await deps.commit(lambda unit: unit.songs.mark_notified(song.id, now=deps.clock.now()))


async def notice_of(song: SongRow, *, deps: Deps) -> Notice:
    """Put what is to be said about a song into words."""
    locale = from_json(SongOptions, song.options).locale
    account_id = await deps.read(lambda unit: account_of(song, unit=unit))
    if song.status == SongState.AMBIGUOUS:
        text, buttons = sentence(locale, "did_it_arrive"), arrival_buttons(locale, song.id)
    else:
        text, buttons = failure_text(song, locale), ()
        if await deps.read(lambda unit: can_retry(song, unit=unit)):
            buttons = retry_buttons(locale, song.id)
    return Notice(song.id, address_of(song), locale, text, buttons, account_id)


def failure_text(song: SongRow, locale: str) -> str:
    return sentence(locale, song.error_code or "broken", **facts_of(song))


async def can_retry(song: SongRow, *, unit: UnitOfWork) -> bool:
    """Whether Try again can help: the mood is known, so no photo is needed any more."""
    if from_json(SongOptions, song.options).mood is not None:
        return True
    return await unit.emotions.latest(song.session_id) is not None


def retry_buttons(locale: str, song_id: int) -> Rows:
    return ((Button(sentence(locale, "button_retry"), ButtonAction("retry", song_id).encode(), "good"),),)


def arrival_buttons(locale: str, song_id: int) -> Rows:
    return (
        (
            Button(sentence(locale, "button_arrived"), ButtonAction("arrived", song_id).encode(), "good"),
            Button(sentence(locale, "button_resend"), ButtonAction("resend", song_id).encode()),
        ),
    )


async def _card_tells_failure(song: SongRow, *, deps: Deps) -> bool:
    card = await deps.read(lambda unit: unit.status_cards.of(song.id))
    return song.status == SongState.FAILED and card is not None and card.message_ref is not None


async def _send_and_settle(out: Outgoing, song: SongRow, *, deps: Deps, chat: Chat) -> None:
    notice = await notice_of(song, deps=deps)
    try:
        ref: MessageRef | None = await _send_to_chat(out, notice, deps=deps, chat=chat)
        to = DeliveryState.SENT
    except ChatLater:
        to, ref = (DeliveryState.KEPT if outbox.out_of_patience(out, deps=deps) else DeliveryState.PENDING), None
    except ChatGone:
        to, ref = DeliveryState.KEPT, None
    except Undecided:
        to, ref = DeliveryState.AMBIGUOUS, None  # asking whether a question arrived would help nobody
    except TimeoutError:
        log.warning("song %d: telling took too long", song.id)
        return

    async def settle_notice(unit: UnitOfWork) -> None:
        await outbox.settle(out, to, unit=unit, deps=deps, ref=ref)
        if to is not DeliveryState.PENDING:
            await unit.songs.mark_notified(song.id, now=deps.clock.now())

    await deps.commit(settle_notice)


async def _send_to_chat(out: Outgoing, notice: Notice, *, deps: Deps, chat: Chat) -> MessageRef:
    async with asyncio.timeout(deps.limits.deliver_timeout_s):
        try:
            return await chat.send_notice(notice, nonce=out.row.nonce, repeated=out.repeated)
        except ChatGone:
            if notice.account_id is None:
                raise
            return await chat.send_notice(notice, nonce=out.row.nonce, repeated=out.repeated, direct=True)
