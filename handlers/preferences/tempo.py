"""/tempo: the range of beats a minute that every song keeps to."""

from __future__ import annotations

import re

from handlers.button_actions import ButtonAction
from handlers.errors import Refused
from handlers.preferences.store import HIGHEST_BPM, LOWEST_BPM, PreferenceChanges, kept_preferences, set_preferences
from handlers.request import Request
from handlers.responses import Button, Reply, Response
from handlers.texts import sentence
from handlers.users import user_of
from storage.unit_of_work import UnitOfWork

RANGES = ((60, 80), (80, 100), (100, 120), (120, 150))  # BPM
ANY = "any"  # what the button without a range carries


async def tempo(request: Request) -> Response:
    """Set, clear or show the tempo range."""
    if request.action == "set":
        low, high = request.number("min"), request.number("max")
        if low is None or high is None:
            raise Refused("bad_bpm", low=LOWEST_BPM, high=HIGHEST_BPM)
        await set_preferences(request.sender, PreferenceChanges(bpm=(low, high)), deps=request.deps)
    elif request.action == "clear":
        await _clear_range(request)
    return Response(await tempo_menu(request))


async def choose_tempo(value: str, request: Request) -> Reply:
    """Set the range that a button carries ("80.100", or ANY), and show the menu. Raises Refused "stale_button"."""
    match = re.fullmatch(r"([0-9]{2,3})\.([0-9]{2,3})", value)
    if match is not None:
        await set_preferences(request.sender, PreferenceChanges(bpm=(int(match[1]), int(match[2]))), deps=request.deps)
    elif value == ANY:
        await _clear_range(request)
    else:
        raise Refused("stale_button")
    return await tempo_menu(request)


async def tempo_menu(request: Request) -> Reply:
    """Show the range, with buttons for the usual ones."""
    kept = await kept_preferences(request)
    low, high = kept.bpm_min, kept.bpm_max
    text = sentence(request.locale, "tempo_is" if low and high else "tempo_none", low=low or "–", high=high or "–")
    ranges = tuple(_range_button(slow, fast, on=(slow, fast) == (low, high)) for slow, fast in RANGES)
    no_range = Button(sentence(request.locale, "button_any_tempo"), ButtonAction("tempo", 0, ANY).encode())
    return Reply(text, (ranges, (no_range,)))


def _range_button(low: int, high: int, *, on: bool) -> Button:
    return Button(f"{'✓ ' if on else ''}{low}–{high}", ButtonAction("tempo", 0, f"{low}.{high}").encode())


async def _clear_range(request: Request) -> None:
    async def clear_range(unit: UnitOfWork) -> None:
        user_id = await user_of(request.sender, unit=unit, deps=request.deps)
        await unit.preferences.set(user_id, bpm_min=None, bpm_max=None)

    await request.deps.commit(clear_range)
