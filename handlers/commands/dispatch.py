"""Every command ends here: its name and arguments become a handler's request and its response."""

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
from handlers.request import Request
from handlers.responses import Reply, Response, refusal
from handlers.song_options import SongOptions
from handlers.songs.extend import USUAL_S, extend_song
from handlers.songs.retake import take_again
from handlers.status_cards.content import all_moods
from handlers.texts import mood_named, sentence


async def run_command(name: str, arguments: Mapping[str, str], by: Sender, *, deps: Deps, origin: Origin) -> Response:
    """Run a command of COMMANDS; what cannot be done is answered with its sentence, never raised.

    arguments holds "action" for commands with actions, and options by name. /selfie with its photo goes to
    `receive_selfie`; here it only explains itself.
    """
    locale = await language_of(by, origin.locale, deps=deps)
    command, run = command_named(name), _HANDLERS.get(name)
    if command is None or run is None:
        return Response(Reply(sentence(locale, "unknown_command")))
    given = {"action": command.default, **{key: value for key, value in arguments.items() if value}}
    try:
        return await run(Request(given, by, origin, locale, deps))
    except Refused as error:
        return Response(refusal(locale, error))


async def _selfie(request: Request) -> Response:
    return Response(Reply(sentence(request.locale, "how_to_selfie")))


async def _mood(request: Request) -> Response:
    label = mood_named(request.text("label"))
    if label is None:
        return Response(Reply(sentence(request.locale, "which_mood"), all_moods(0, request.locale)))
    options = SongOptions(locale=request.locale, note=request.text("note"), interactive=True)
    origin = request.origin
    event = MoodNamed(request.sender, label, origin.reply_to, options, origin.key, origin.in_group)
    return Response(song_id=await receive_mood(event, deps=request.deps))


async def _again(request: Request) -> Response:
    song_id, origin = request.number("id"), request.origin
    if song_id is None:
        return await which_song("again", request)
    take = await take_again(
        song_id,
        request.sender,
        origin.reply_to,
        origin.key,
        deps=request.deps,
        locale=request.locale,
        in_group=origin.in_group,
    )
    return Response(song_id=take)


async def _extend(request: Request) -> Response:
    song_id, seconds = request.number("id"), request.number("seconds")
    if song_id is None:
        raise Refused("which_song")
    origin = replace(request.origin, locale=request.locale)
    length = USUAL_S if seconds is None else float(seconds)
    return Response(song_id=await extend_song(song_id, request.sender, origin, deps=request.deps, seconds=length))


async def _help(request: Request) -> Response:
    """List every command with what it does."""
    lines = [f"/{command.name} – {sentence(request.locale, command.about)}" for command in COMMANDS]
    return Response(Reply("\n".join([sentence(request.locale, "help_intro"), "", *lines])))


_HANDLERS: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
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
