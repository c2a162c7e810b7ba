"""/genres and /instruments: lists of favourites, by words or by buttons that switch one on or off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from handlers.button_actions import ActionName, ButtonAction, slug
from handlers.errors import Refused
from handlers.preferences.store import MAX_WORDS, PreferenceChanges, kept_preferences, set_preferences
from handlers.preferences.taste import split_words
from handlers.request import Request
from handlers.responses import MENU_WIDTH, Button, Reply, Response, Rows, in_rows, shortened, switch_button
from handlers.texts import sentence
from pipeline.catalog.genres import GENRES, genre_word
from pipeline.catalog.instruments import instrument_word, known_instruments
from storage.repositories.preferences import PreferencesRow

Field = Literal["genres", "instruments"]  # also the command that shows it, and the action that turns its pages

SWITCHES: dict[Field, ActionName] = {"genres": "genre", "instruments": "instrument"}
MAX_MENU_TEXT = 1500  # characters
PAGE = 4 * MENU_WIDTH  # names; Discord shows five rows of buttons, and the last one turns pages


async def genres(request: Request) -> Response:
    return await _answer_command(request, "genres")


async def instruments(request: Request) -> Response:
    return await _answer_command(request, "instruments")


async def switch_favourite(field: Field, value: str, request: Request) -> Reply:
    """Add or remove the name that a button carries, and show its page. Raises Refused "stale_button"."""
    names = {slug(name): name for name in known_names(field)}
    if value not in names:
        raise Refused("stale_button")
    name, kept = names[value], favourites_of(await kept_preferences(request), field)
    on = normal_form(field, name) in {normal_form(field, each) for each in kept}
    await _change(field, "remove" if on else "add", (name,), request)
    return await favourites_menu(request, field, list(names).index(value) // PAGE)


async def turn_page(field: Field, value: str, request: Request) -> Reply:
    """Show the page that a button carries. Raises Refused "stale_button"."""
    if not re.fullmatch(r"[0-9]{1,2}", value):
        raise Refused("stale_button")
    return await favourites_menu(request, field, int(value))


async def favourites_menu(request: Request, field: Field, page: int = 0) -> Reply:
    """Show the list, with a page of known names to switch on or off; pages beyond the last begin anew."""
    kept = favourites_of(await kept_preferences(request), field)
    text = sentence(request.locale, f"{field}_are" if kept else f"{field}_none", names=", ".join(kept), limit=MAX_WORDS)
    names = known_names(field)
    pages = -(-len(names) // PAGE)
    page %= pages
    shown = names[page * PAGE : (page + 1) * PAGE]
    rows = (*_name_rows(field, shown, kept), _page_row(field, page, pages, request.locale))
    return Reply(shortened(text, MAX_MENU_TEXT), rows)


def favourites_of(kept: PreferencesRow, field: Field) -> tuple[str, ...]:
    return kept.fav_genres if field == "genres" else kept.fav_instruments


def known_names(field: Field) -> tuple[str, ...]:
    return tuple(genre.name for genre in GENRES) if field == "genres" else known_instruments()


def normal_form(field: Field, name: str) -> str:
    """Give what every spelling of one name has in common."""
    word = genre_word(name) if field == "genres" else instrument_word(name)
    return (word or name).lower()


async def _answer_command(request: Request, field: Field) -> Response:
    """Change one list of favourites and show it."""
    names = split_words(request.text("words"))
    if request.action in ("add", "set", "remove") and not names:
        raise Refused(f"which_{field}")
    if request.action != "show":
        await _change(field, request.action, names, request)
    return Response(await favourites_menu(request, field))


async def _change(field: Field, action: str, names: Sequence[str], request: Request) -> None:
    kept = () if action in ("set", "clear") else favourites_of(await kept_preferences(request), field)
    if action == "remove":
        gone = {normal_form(field, name) for name in names}
        wanted = tuple(name for name in kept if normal_form(field, name) not in gone)
    else:
        have = {normal_form(field, name) for name in kept}
        fresh = {normal_form(field, name): name for name in names if normal_form(field, name) not in have}
        wanted = (*kept, *fresh.values())
    changes = PreferenceChanges(genres=wanted) if field == "genres" else PreferenceChanges(instruments=wanted)
    await set_preferences(request.sender, changes, deps=request.deps)


def _name_rows(field: Field, names: Sequence[str], kept: Sequence[str]) -> Rows:
    on = {normal_form(field, name) for name in kept}
    buttons = [
        switch_button(name, ButtonAction(SWITCHES[field], 0, slug(name)), on=normal_form(field, name) in on)
        for name in names
    ]
    return in_rows(buttons)


def _page_row(field: Field, page: int, pages: int, locale: str) -> tuple[Button, ...]:
    def turns_to(number: int) -> str:
        return ButtonAction(field, 0, str(number % pages)).encode()

    label = sentence(locale, "page", page=page + 1, pages=pages)
    # The label is a button too, and Discord refuses a message of which two buttons have one custom id.
    return (Button("◀", turns_to(page - 1)), Button(label, turns_to(page)), Button("▶", turns_to(page + 1)))
