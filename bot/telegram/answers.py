"""Shows what a command or a button leads to."""

from __future__ import annotations

from telegram import Message, User

from bot.telegram.address import address_of, read_address
from bot.telegram.room import Room
from handlers.replies import Answer, Button, Reply
from handlers.texts import sentence
from handlers.tokens import Press
from handlers.vote import HIGHEST, LOWEST


async def give(answer: Answer, *, at: Message, person: User, locale: str, room: Room) -> None:
    """Show each part of an answer that is there; private ones in a group go to the person's own chat."""
    to = read_address(address_of(at))
    if answer.song_id is not None:
        await room.cards.show_now(answer.song_id)
    reply = answer.reply if answer.rate is None else rating_row(answer.rate, locale)
    if reply is None:
        return
    if reply.private:
        hint = sentence(locale, "open_private")
        await room.voice.whisper(reply, person=person.id, at=to, hint=hint)
    else:
        await room.voice.say(reply, to=to)


def rating_row(song_id: int, locale: str) -> Reply:
    """Ask for a score from 0 to 5 with a row of buttons; a comment comes as a reply to the song."""
    scores = range(LOWEST, HIGHEST + 1)
    row = tuple(Button(str(score), Press("score", song_id, str(score)).token) for score in scores)
    return Reply(sentence(locale, "ask_score"), (row,))
