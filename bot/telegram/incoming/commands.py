"""Typed commands, from the table that all platforms share; without arguments they open a menu with buttons."""

from __future__ import annotations

from telegram import Message, User

from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.responses import send_response
from bot.telegram.origins import key_of, origin_of, sender_of
from handlers.commands.dispatch import run_command
from handlers.commands.parsing import typed_arguments
from handlers.commands.registry import command_named
from handlers.intake.consent import greeting, has_accepted
from handlers.responses import Reply, Response
from handlers.texts import sentence

START, SELFIE = "start", "selfie"
# Once per message by the song's own key, also after a crash half-way.
BEGINS_SONGS = frozenset({"mood", "again", "extend"})
FOR_PICTURES = frozenset({SELFIE, "mood"})  # commands that mean the picture they stand below, or answer


def understands(name: str) -> bool:
    return name == START or command_named(name) is not None


async def run_typed(name: str, rest: str, message: Message, person: User, *, context: TelegramContext) -> None:
    """Run a command and show its answer."""
    locale = await context.language(person)
    if name == START:  # in a group it comes along when somebody adds us by a link; it is for their eyes all the same
        answer = Response(await _tour(person, locale, context=context))
    elif not understands(name):
        answer = Response(Reply(sentence(locale, "unknown_command")))
    else:
        origin = origin_of(message, key_of(message), locale)
        arguments = typed_arguments(name, rest)
        answer = await run_command(name, arguments, sender_of(person), deps=context.deps, origin=origin)
    await send_response(answer, at=message, person=person, locale=locale, context=context)


async def _tour(person: User, locale: str, *, context: TelegramContext) -> Reply:
    """Say what happens with photos and ask for consent, once; later say how it goes."""
    if await has_accepted(sender_of(person), deps=context.deps):
        return Reply(sentence(locale, "accepted"))
    return greeting(locale)
