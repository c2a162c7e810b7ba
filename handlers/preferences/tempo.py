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

PACES = ((60, 80), (80, 100), (100, 120), (120, 150))  # BPM


async def tempo(request: Request) -> Response:
    """Set, clear or show the tempo range."""
    if request.action == "set":
        low, high = request.number("min"), request.number("max")
        if low is None or high is None:
            raise Refused("bad_bpm", low=LOWEST_BPM, high=HIGHEST_BPM)
        await set_preferences(request.sender, PreferenceChanges(bpm=(low, high)), deps=request.deps)
    elif request.action == "clear":
        await _clear_tempo(request)
    return Response(await tempo_menu(request))


async def tempo_menu(request: Request) -> Reply:
    kept = await kept_preferences(request)
    low, high = kept.bpm_min, kept.bpm_max
    text = sentence(request.locale, "tempo_is" if low and high else "tempo_none", low=low or "–", high=high or "–")
    buttons = [
        Button(
            f"{'✓ ' if pace == (low, high) else ''}{pace[0]}–{pace[1]}",
            ButtonAction("toggle", 0, f"t.{pace[0]}.{pace[1]}").encode(),
        )
        for pace in PACES
    ]
    anything = Button(sentence(request.locale, "button_any_tempo"), ButtonAction("toggle", 0, "t.any").encode())
    return Reply(text, (tuple(buttons), (anything,)))


async def set_pace(value: str, request: Request) -> None:
    match = re.fullmatch(r"(\d{2,3})\.(\d{2,3})", value)
    if match is None:
        await _clear_tempo(request)
    else:
        await set_preferences(request.sender, PreferenceChanges(bpm=(int(match[1]), int(match[2]))), deps=request.deps)


async def _clear_tempo(request: Request) -> None:
    async def clear_range(unit: UnitOfWork) -> None:
        user_id = await user_of(request.sender, unit=unit, deps=request.deps)
        await unit.preferences.set(user_id, bpm_min=None, bpm_max=None)

    await request.deps.commit(clear_range)
