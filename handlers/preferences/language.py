"""/language, and which language to speak with a person."""

from __future__ import annotations

import re

from handlers.button_actions import ButtonAction
from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import Sender
from handlers.preferences.profile import store_profile
from handlers.request import Request
from handlers.responses import Button, Reply, Response, Rows
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.texts import TABLES, locale_of, sentence
from storage.unit_of_work import UnitOfWork

LOCALES = tuple(TABLES)


async def locale_of_listener(sender: Sender, *, deps: Deps) -> str:
    """Give the language the listener has chosen, English for strangers."""

    async def load_locale(unit: UnitOfWork) -> str:
        user = await unit.users.find(sender.platform, sender.account_id)
        profile = await unit.users.profile(user.id) if user else None
        return (profile and profile.locale) or "en"

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
    tag = "auto" if wanted == "auto" else locale_of(wanted)
    if tag.split("-")[0] != re.split("[-_]", wanted)[0]:
        raise Refused("unknown_locale", known=", ".join(TABLES))
    await store_profile({"locale": None if tag == "auto" else tag}, request)
    spoken = locale_of(request.origin.locale) if tag == "auto" else tag
    return Response(Reply(sentence(spoken, "language_set")))


def language_buttons(locale: str) -> Rows:
    names = {code: sentence(locale, f"language_{code}") for code in (*TABLES, "auto")}
    return (tuple(Button(name, ButtonAction("toggle", 0, f"l.{code}").encode()) for code, name in names.items()),)
