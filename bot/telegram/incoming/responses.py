"""Show the response to a command, a button, a selfie or a melody."""

from __future__ import annotations

from collections.abc import Mapping

from telegram import Message, User

from bot.telegram.incoming.context import TelegramContext
from bot.telegram.origins import PLATFORM, address_of, read_address
from handlers.feedback.ratings import score_buttons
from handlers.idempotency import mark_seen
from handlers.responses import Reply, Response
from handlers.texts import sentence


async def send_response(
    response: Response, *, at: Message, person: User, locale: str, context: TelegramContext
) -> None:
    """Show each part of an answer that is there; private ones in a group go to the person's own chat."""
    to = read_address(address_of(at))
    if response.song_id is not None:
        await context.cards.show_now(response.song_id)
    reply = response.reply if response.rate is None else rating_row(response.rate, locale)
    if reply is None:
        return
    if reply.private:
        hint = sentence(locale, "open_private")
        await context.messenger.send_private(reply, person=person.id, at=to, hint=hint)
    else:
        await context.messenger.send(reply, to=to)


async def send_once(response: Response, *, to: Mapping[str, str], key: str, context: TelegramContext) -> None:
    """Show what a selfie or melody leads to, there where it was sent; delivered again it is not said again."""
    if response.song_id is not None:
        await context.cards.show_now(response.song_id)
    if response.reply is not None and not await mark_seen(PLATFORM, f"no {key}", deps=context.deps):
        await context.messenger.send(response.reply, to=read_address(to))


def rating_row(song_id: int, locale: str) -> Reply:
    """Ask for a score with a row of buttons, there where the song stands; a comment comes as a reply to the song."""
    return Reply(sentence(locale, "ask_score"), score_buttons(song_id), private=False)
