"""Every command ends here: its name and arguments become a handler's call and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers.account.link import link, unlink
from handlers.account.privacy import privacy
from handlers.commands.registry import COMMANDS, command_named
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import MoodNamed, Origin, Sender
from handlers.intake.named_mood import receive_mood
from handlers.library.details import show_song
from handlers.library.history import show_history, which_song
from handlers.library.queue import cancel, show_queue
from handlers.preferences.avoid import avoid
from handlers.preferences.favourites import genres, instruments
from handlers.preferences.language import language, language_of
from handlers.preferences.profile import profile
from handlers.preferences.tempo import tempo
from handlers.request import Call
from handlers.responses import Answer, Reply, refusal
from handlers.song_options import Wish
from handlers.songs.extend import USUAL_S, extend_song
from handlers.songs.retake import take_again
from handlers.status_cards.content import all_moods
from handlers.texts import mood_named, sentence


async def run_command(name: str, arguments: Mapping[str, str], by: Sender, *, deps: Deps, origin: Origin) -> Answer:
    """Run a command of COMMANDS; what cannot be done is answered with its sentence, never raised.

    arguments holds "action" for commands with actions, and options by name. /selfie with its photo goes to
    `receive_selfie`; here it only explains itself.
    """
    locale = await language_of(by, origin.locale, deps=deps)
    command, run = command_named(name), _RUN.get(name)
    if command is None or run is None:
        return Answer(Reply(sentence(locale, "unknown_command")))
    given = {"action": command.default, **{key: value for key, value in arguments.items() if value}}
    try:
        return await run(Call(given, by, origin, locale, deps))
    except Refused as error:
        return Answer(refusal(locale, error))


async def _selfie(call: Call) -> Answer:
    return Answer(Reply(sentence(call.locale, "how_to_selfie")))


async def _mood(call: Call) -> Answer:
    label = mood_named(call.text("label"))
    if label is None:
        return Answer(Reply(sentence(call.locale, "which_mood"), all_moods(0, call.locale)))
    wish = Wish(locale=call.locale, note=call.text("note"), live=True)
    origin = call.origin
    event = MoodNamed(call.by, label, origin.reply_to, wish, origin.key, origin.slow_card)
    return Answer(song_id=await receive_mood(event, deps=call.deps))


async def _again(call: Call) -> Answer:
    song_id, origin = call.number("id"), call.origin
    if song_id is None:
        return await which_song("again", call)
    take = await take_again(
        song_id,
        call.by,
        origin.reply_to,
        origin.key,
        deps=call.deps,
        locale=call.locale,
        slow_card=origin.slow_card,
    )
    return Answer(song_id=take)


async def _extend(call: Call) -> Answer:
    song_id, seconds = call.number("id"), call.number("seconds")
    if song_id is None:
        raise Refused("which_song")
    origin = replace(call.origin, locale=call.locale)
    length = USUAL_S if seconds is None else float(seconds)
    return Answer(song_id=await extend_song(song_id, call.by, origin, deps=call.deps, seconds=length))


async def _help(call: Call) -> Answer:
    """List every command with what it does."""
    lines = [f"/{command.name} – {sentence(call.locale, command.about)}" for command in COMMANDS]
    return Answer(Reply("\n".join([sentence(call.locale, "help_intro"), "", *lines])))


_RUN: Mapping[str, Callable[[Call], Awaitable[Answer]]] = {
    "selfie": _selfie,
    "mood": _mood,
    "genres": genres,
    "instruments": instruments,
    "tempo": tempo,
    "avoid": avoid,
    "profile": profile,
    "language": language,
    "history": show_history,
    "show": show_song,
    "again": _again,
    "extend": _extend,
    "queue": show_queue,
    "cancel": cancel,
    "privacy": privacy,
    "link": link,
    "unlink": unlink,
    "help": _help,
}
