"""What a listener asks of every song: checked, stored and shown."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.deps import Deps
from handlers.errors import Refused, UnknownListener
from handlers.events import Sender
from handlers.preferences.language import known_tags
from handlers.preferences.taste import load_taste
from handlers.request import Request
from handlers.texts.locales import DEFAULT, LOCALES
from handlers.users import user_of
from pipeline.values import Taste
from storage.repositories.preferences import PreferenceColumns, PreferencesRow
from storage.unit_of_work import UnitOfWork

MAX_WORDS = 20  # genres or instruments a listener may name
MAX_WORD = 60  # characters of each
MAX_AVOID = 500  # characters
LOWEST_BPM, HIGHEST_BPM = 40, 220


@dataclass(frozen=True, slots=True)
class PreferenceChanges:
    """What to change; None leaves a field as it is, an empty tuple or text clears it."""

    genres: tuple[str, ...] | None = None
    instruments: tuple[str, ...] | None = None
    bpm: tuple[int, int] | None = None
    avoid: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener as `show` prints them."""

    name: str
    locale: str
    taste: Taste


async def set_preferences(sender: Sender, wanted: PreferenceChanges, *, deps: Deps) -> Listener:
    """Check and store what was given; the listener is made if new."""
    _check_changes(wanted)

    async def store_changes(unit: UnitOfWork) -> Listener:
        user_id = await user_of(sender, unit=unit, deps=deps)
        await unit.preferences.set(user_id, **_changed_columns(wanted))
        if wanted.locale is not None:
            await unit.users.set_profile(user_id, locale=wanted.locale)
        return await _load_listener(user_id, sender.username, unit=unit, deps=deps)

    return await deps.commit(store_changes)


async def show_listener(sender: Sender, *, deps: Deps) -> Listener:
    """Give what is known of the listener, or raise UnknownListener."""

    async def load_listener(unit: UnitOfWork) -> Listener:
        user = await unit.users.find(sender.platform, sender.account_id)
        if user is None:
            raise UnknownListener(sender.username)
        return await _load_listener(user.id, user.username, unit=unit, deps=deps)

    return await deps.read(load_listener)


def _changed_columns(wanted: PreferenceChanges) -> PreferenceColumns:
    columns = PreferenceColumns()
    if wanted.genres is not None:
        columns["fav_genres"] = wanted.genres
    if wanted.instruments is not None:
        columns["fav_instruments"] = wanted.instruments
    if wanted.bpm is not None:
        columns["bpm_min"], columns["bpm_max"] = wanted.bpm
    if wanted.avoid is not None:
        columns["negative_prompts"] = wanted.avoid
    return columns


async def _load_listener(user_id: int, name: str, *, unit: UnitOfWork, deps: Deps) -> Listener:
    profile = await unit.users.profile(user_id)
    taste = await load_taste(user_id, unit=unit, limits=deps.limits)
    return Listener(name=name, locale=profile.locale or DEFAULT, taste=taste)


def _check_changes(wanted: PreferenceChanges) -> None:
    for words in (wanted.genres, wanted.instruments):
        if words is not None and len(words) > MAX_WORDS:
            raise Refused("too_many_words", limit=MAX_WORDS)
        if words is not None and any(len(word) > MAX_WORD for word in words):
            raise Refused("word_too_long", limit=MAX_WORD)
    if wanted.avoid is not None and len(wanted.avoid) > MAX_AVOID:
        raise Refused("avoid_too_long", limit=MAX_AVOID)
    if wanted.bpm is not None:
        low, high = wanted.bpm
        if not LOWEST_BPM <= low <= high <= HIGHEST_BPM:
            raise Refused("bad_bpm", low=LOWEST_BPM, high=HIGHEST_BPM)
    if wanted.locale is not None and wanted.locale not in {each.tag for each in LOCALES}:
        raise Refused("unknown_locale", known=known_tags())


async def kept_preferences(request: Request) -> PreferencesRow:
    async def load_preferences(unit: UnitOfWork) -> PreferencesRow:
        user = await unit.users.find(request.sender.platform, request.sender.account_id)
        return await unit.preferences.get(user.id) if user else PreferencesRow()

    return await request.deps.read(load_preferences)
