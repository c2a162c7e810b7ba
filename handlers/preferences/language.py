"""/language, and which language to speak with a person."""

from __future__ import annotations

from handlers.button_actions import ButtonAction
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Sender
from handlers.preferences.profile import store_profile
from handlers.request import Request
from handlers.responses import Button, Reply, Response, Rows, in_rows
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.texts import sentence
from handlers.texts.locales import DEFAULT, LOCALES, find_locale, locale_of
from storage.unit_of_work import UnitOfWork

PER_ROW = 5  # buttons; Discord shows no more


async def locale_of_listener(sender: Sender, *, deps: Deps) -> str:
    """Give the language the listener has chosen, English for strangers."""

    async def load_locale(unit: UnitOfWork) -> str:
        user = await unit.users.find(sender.platform, sender.account_id)
        profile = await unit.users.profile(user.id) if user else None
        return (profile and profile.locale) or DEFAULT

    return await deps.read(load_locale)


async def language_of(sender: Sender, platform_locale: str | None, *, deps: Deps) -> str:
    """Give the language to speak with a person: what they set by /language, else what the platform says.

    None: the platform does not say it here; then that of their last song.
    """

    async def load_locale(unit: UnitOfWork) -> str | None:
        user = await unit.users.find(sender.platform, sender.account_id)
        if user is None:
            return None
        chosen = (await unit.users.profile(user.id)).locale
        if chosen or platform_locale is not None:
            return chosen
        options = await unit.song_queries.last_options(user.id)
        return None if options is None else from_json(SongOptions, options).locale

    return locale_of(await deps.read(load_locale) or platform_locale)


async def language(request: Request) -> Response:
    """Set the language, or offer those there are."""
    wanted = request.text("language").lower()
    if not wanted:
        return Response(Reply(sentence(request.locale, "which_language"), language_buttons(request.locale)))
    return await set_language(wanted, request)


async def set_language(wanted: str, request: Request) -> Response:
    """Keep a language; "auto" follows the platform again."""
    tag = "auto" if wanted == "auto" else find_locale(wanted)
    if tag is None:
        raise Refused("unknown_locale", known=known_tags())
    await store_profile({"locale": None if tag == "auto" else tag}, request)
    spoken = locale_of(request.origin.locale) if tag == "auto" else tag
    return Response(Reply(sentence(spoken, "language_set")))


def language_buttons(locale: str) -> Rows:
    names = {tag: sentence(locale, f"language_{tag}") for tag in (*(each.tag for each in LOCALES), "auto")}
    buttons = [Button(name, ButtonAction("language", 0, tag).encode()) for tag, name in names.items()]
    return in_rows(buttons, width=PER_ROW)


def known_tags() -> str:
    """List what /language takes: "en, zh, zh-hant"."""
    return ", ".join(each.tag for each in LOCALES)
