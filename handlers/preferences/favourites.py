"""/genres and /instruments: lists of favourites, by words or by toggles."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.button_actions import ButtonAction
from handlers.errors import Refused
from handlers.preferences.menu_buttons import PER_ROW, ROWS, slug
from handlers.preferences.store import MAX_WORDS, PreferenceChanges, kept_preferences, set_preferences
from handlers.preferences.taste import split_words
from handlers.request import Request
from handlers.responses import Button, Reply, Response, Rows, shortened
from handlers.texts import sentence
from pipeline.catalog.genres import GENRES, genre_word
from pipeline.catalog.instruments import instrument_word, known_instruments
from storage.repositories.preferences import PreferencesRow

MAX_MENU_TEXT = 1500  # characters


async def genres(request: Request) -> Response:
    return await _words(request, "genres")


async def instruments(request: Request) -> Response:
    return await _words(request, "instruments")


async def _words(request: Request, field: str) -> Response:
    """Change one list of favourites and show it."""
    names = split_words(request.text("words"))
    if request.action in ("add", "set", "remove") and not names:
        raise Refused(f"which_{field}")
    if request.action != "show":
        await _change(field, request.action, names, request)
    return Response(await favourites_menu(request, field, 0))


async def _change(field: str, action: str, names: Sequence[str], request: Request) -> None:
    kept = () if action in ("set", "clear") else _of(await kept_preferences(request), field)
    if action == "remove":
        gone = {_same(field, name) for name in names}
        wanted = tuple(name for name in kept if _same(field, name) not in gone)
    else:
        have = {_same(field, name) for name in kept}
        fresh = {_same(field, name): name for name in names if _same(field, name) not in have}
        wanted = (*kept, *fresh.values())
    await _store(field, wanted, request)


async def switch(field: str, name: str, request: Request) -> None:
    kept = _of(await kept_preferences(request), field)
    on = _same(field, name) in {_same(field, each) for each in kept}
    await _change(field, "remove" if on else "add", (name,), request)


async def _store(field: str, names: tuple[str, ...], request: Request) -> None:
    wanted = PreferenceChanges(genres=names) if field == "genres" else PreferenceChanges(instruments=names)
    await set_preferences(request.sender, wanted, deps=request.deps)


async def favourites_menu(request: Request, field: str, page: int) -> Reply:
    """Show the list with a page of toggles."""
    kept = _of(await kept_preferences(request), field)
    text = sentence(request.locale, f"{field}_are" if kept else f"{field}_none", names=", ".join(kept), limit=MAX_WORDS)
    return Reply(shortened(text, MAX_MENU_TEXT), _toggles(request, field, kept, page))


def _toggles(request: Request, field: str, kept: Sequence[str], page: int) -> Rows:
    names, size = known_names(field), PER_ROW * ROWS
    pages = -(-len(names) // size)
    page = page % pages
    on = {_same(field, name) for name in kept}
    shown = names[page * size : (page + 1) * size]
    buttons = [
        Button(
            f"✓ {name}" if _same(field, name) in on else name,
            ButtonAction("toggle", 0, f"{field[0]}.{slug(name)}").encode(),
            "good" if _same(field, name) in on else "plain",
        )
        for name in shown
    ]
    rows = [tuple(buttons[start : start + PER_ROW]) for start in range(0, len(buttons), PER_ROW)]
    turn = (
        Button("◀", ButtonAction("toggle", 0, f"{field[0]}.p.{(page - 1) % pages}").encode()),
        Button(
            sentence(request.locale, "page", page=page + 1, pages=pages),
            ButtonAction("toggle", 0, f"{field[0]}.p.0").encode(),
        ),
        Button("▶", ButtonAction("toggle", 0, f"{field[0]}.p.{(page + 1) % pages}").encode()),
    )
    return (*rows, turn)


def _of(kept: PreferencesRow, field: str) -> tuple[str, ...]:
    return kept.fav_genres if field == "genres" else kept.fav_instruments


def known_names(field: str) -> tuple[str, ...]:
    return tuple(genre.name for genre in GENRES) if field == "genres" else known_instruments()


def _same(field: str, name: str) -> str:
    """What two spellings of one name have in common."""
    word = genre_word(name) if field == "genres" else instrument_word(name)
    return (word or name).lower()
