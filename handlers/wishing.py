"""/genres, /instruments, /tempo, /avoid: what a listener asks of every song, by words or by toggles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.call import Call
from handlers.errors import Refused
from handlers.listeners import HIGHEST_BPM, LOWEST_BPM, MAX_WORDS, Preferences, set_preferences
from handlers.replies import Answer, Button, Reply, Rows
from handlers.selfie import user_of
from handlers.taste import split_words
from handlers.texts import sentence
from handlers.tokens import Press
from pipeline.catalog.genres import GENRES, genre_word
from pipeline.catalog.instruments import instrument_word, known_instruments
from storage.repositories.preferences import PreferencesRow
from storage.unit_of_work import UnitOfWork

PER_ROW, ROWS = 3, 4  # Discord shows five rows of buttons; the last one turns pages
AVOIDABLE = ("drums", "electric guitar", "distortion", "synth", "brass", "strings", "piano", "bass", "noise")
PACES = ((60, 80), (80, 100), (100, 120), (120, 150))  # BPM


async def genres(call: Call) -> Answer:
    return await _words(call, "genres")


async def instruments(call: Call) -> Answer:
    return await _words(call, "instruments")


async def tempo(call: Call) -> Answer:
    """Set, clear or show the tempo range."""
    if call.action == "set":
        low, high = call.number("min"), call.number("max")
        if low is None or high is None:
            raise Refused("bad_bpm", low=LOWEST_BPM, high=HIGHEST_BPM)
        await set_preferences(call.by, Preferences(bpm=(low, high)), desk=call.desk)
    elif call.action == "clear":
        await _clear_tempo(call)
    return Answer(await _tempo_menu(call))


async def avoid(call: Call) -> Answer:
    """Set, clear or show what to leave out."""
    if call.action in ("set", "clear"):
        text = call.text("text") if call.action == "set" else ""
        await set_preferences(call.by, Preferences(avoid=text), desk=call.desk)
    return Answer(await _avoid_menu(call))


async def toggle(value: str, call: Call) -> Answer:
    """Do what a menu's button says: "g.lofi" switches a genre, "i.p.2" turns a page, "t.80.100" sets a tempo."""
    kind, _, rest = value.partition(".")
    if kind == "t":
        await _set_pace(rest, call)
        return Answer(await _tempo_menu(call), edit=True)
    if kind == "a":
        await _switch_avoided(rest, call)
        return Answer(await _avoid_menu(call), edit=True)
    field = {"g": "genres", "i": "instruments"}.get(kind)
    if field is None:
        raise Refused("stale_button")
    page = int(rest[2:]) if re.fullmatch(r"p\.\d{1,2}", rest) else None
    if page is None:
        names = {slug(name): name for name in _known(field)}
        if rest not in names:
            raise Refused("stale_button")
        page = list(names).index(rest) // (PER_ROW * ROWS)
        await _switch(field, names[rest], call)
    return Answer(await _menu(call, field, page), edit=True)


def slug(name: str) -> str:
    """A known name as a button carries it: "R&B" is "r_b"."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


async def _words(call: Call, field: str) -> Answer:
    """Change one list of favourites and show it."""
    names = split_words(call.text("words"))
    if call.action in ("add", "set", "remove") and not names:
        raise Refused(f"which_{field}")
    if call.action != "show":
        await _change(field, call.action, names, call)
    return Answer(await _menu(call, field, 0))


async def _change(field: str, action: str, names: Sequence[str], call: Call) -> None:
    kept = () if action in ("set", "clear") else _of(await _kept(call), field)
    if action == "remove":
        gone = {_same(field, name) for name in names}
        wanted = tuple(name for name in kept if _same(field, name) not in gone)
    else:
        have = {_same(field, name) for name in kept}
        fresh = {_same(field, name): name for name in names if _same(field, name) not in have}
        wanted = (*kept, *fresh.values())
    await _store(field, wanted, call)


async def _switch(field: str, name: str, call: Call) -> None:
    kept = _of(await _kept(call), field)
    on = _same(field, name) in {_same(field, each) for each in kept}
    await _change(field, "remove" if on else "add", (name,), call)


async def _store(field: str, names: tuple[str, ...], call: Call) -> None:
    wanted = Preferences(genres=names) if field == "genres" else Preferences(instruments=names)
    await set_preferences(call.by, wanted, desk=call.desk)


async def _menu(call: Call, field: str, page: int) -> Reply:
    """Show the list with a page of toggles."""
    kept = _of(await _kept(call), field)
    text = sentence(call.locale, f"{field}_are" if kept else f"{field}_none", names=", ".join(kept), limit=MAX_WORDS)
    return Reply(_short(text), _toggles(call, field, kept, page))


def _toggles(call: Call, field: str, kept: Sequence[str], page: int) -> Rows:
    names, size = _known(field), PER_ROW * ROWS
    pages = -(-len(names) // size)
    page = page % pages
    on = {_same(field, name) for name in kept}
    shown = names[page * size : (page + 1) * size]
    buttons = [
        Button(
            f"✓ {name}" if _same(field, name) in on else name,
            Press("toggle", 0, f"{field[0]}.{slug(name)}").token,
            "good" if _same(field, name) in on else "plain",
        )
        for name in shown
    ]
    rows = [tuple(buttons[start : start + PER_ROW]) for start in range(0, len(buttons), PER_ROW)]
    turn = (
        Button("◀", Press("toggle", 0, f"{field[0]}.p.{(page - 1) % pages}").token),
        Button(sentence(call.locale, "page", page=page + 1, pages=pages), Press("toggle", 0, f"{field[0]}.p.0").token),
        Button("▶", Press("toggle", 0, f"{field[0]}.p.{(page + 1) % pages}").token),
    )
    return (*rows, turn)


async def _avoid_menu(call: Call) -> Reply:
    """Show what is left out, and toggles for what people often leave out."""
    kept = (await _kept(call)).negative_prompts
    text = sentence(call.locale, "avoid_is" if kept else "avoid_none", text=kept)
    avoided = {name.lower() for name in split_words(kept or "")}
    buttons = [
        Button(
            f"✓ {name}" if name in avoided else name,
            Press("toggle", 0, f"a.{slug(name)}").token,
            "good" if name in avoided else "plain",
        )
        for name in AVOIDABLE
    ]
    return Reply(text, tuple(tuple(buttons[start : start + PER_ROW]) for start in range(0, len(buttons), PER_ROW)))


async def _switch_avoided(value: str, call: Call) -> None:
    name = next((each for each in AVOIDABLE if slug(each) == value), None)
    if name is None:
        raise Refused("stale_button")
    kept = split_words((await _kept(call)).negative_prompts or "")
    others = [each for each in kept if each.lower() != name]
    wanted = others if len(others) < len(kept) else [*kept, name]
    await set_preferences(call.by, Preferences(avoid=", ".join(wanted)), desk=call.desk)


async def _tempo_menu(call: Call) -> Reply:
    kept = await _kept(call)
    low, high = kept.bpm_min, kept.bpm_max
    text = sentence(call.locale, "tempo_is" if low and high else "tempo_none", low=low or "–", high=high or "–")
    buttons = [
        Button(
            f"{'✓ ' if pace == (low, high) else ''}{pace[0]}–{pace[1]}",
            Press("toggle", 0, f"t.{pace[0]}.{pace[1]}").token,
        )
        for pace in PACES
    ]
    anything = Button(sentence(call.locale, "button_any_tempo"), Press("toggle", 0, "t.any").token)
    return Reply(text, (tuple(buttons), (anything,)))


async def _set_pace(value: str, call: Call) -> None:
    match = re.fullmatch(r"(\d{2,3})\.(\d{2,3})", value)
    if match is None:
        await _clear_tempo(call)
    else:
        await set_preferences(call.by, Preferences(bpm=(int(match[1]), int(match[2]))), desk=call.desk)


async def _clear_tempo(call: Call) -> None:
    async def work(unit: UnitOfWork) -> None:
        user_id = await user_of(call.by, unit=unit, desk=call.desk)
        await unit.preferences.set(user_id, bpm_min=None, bpm_max=None)

    await call.desk.commit(work)


async def _kept(call: Call) -> PreferencesRow:
    async def work(unit: UnitOfWork) -> PreferencesRow:
        user = await unit.users.find(call.by.platform, call.by.account_id)
        return await unit.preferences.get(user.id) if user else PreferencesRow()

    return await call.desk.read(work)


def _of(kept: PreferencesRow, field: str) -> tuple[str, ...]:
    return kept.fav_genres if field == "genres" else kept.fav_instruments


def _known(field: str) -> tuple[str, ...]:
    return tuple(genre.name for genre in GENRES) if field == "genres" else known_instruments()


def _same(field: str, name: str) -> str:
    """What two spellings of one name have in common."""
    word = genre_word(name) if field == "genres" else instrument_word(name)
    return (word or name).lower()


def _short(text: str) -> str:
    return text if len(text) <= 1500 else f"{text[:1499]}…"
