"""/tempo: the range of beats a minute that every song keeps to."""

from __future__ import annotations

import re

from handlers.button_actions import Press
from handlers.errors import Refused
from handlers.preferences.store import HIGHEST_BPM, LOWEST_BPM, Preferences, kept_preferences, set_preferences
from handlers.request import Call
from handlers.responses import Answer, Button, Reply
from handlers.texts import sentence
from handlers.users import user_of
from storage.unit_of_work import UnitOfWork

PACES = ((60, 80), (80, 100), (100, 120), (120, 150))  # BPM


async def tempo(call: Call) -> Answer:
    """Set, clear or show the tempo range."""
    if call.action == "set":
        low, high = call.number("min"), call.number("max")
        if low is None or high is None:
            raise Refused("bad_bpm", low=LOWEST_BPM, high=HIGHEST_BPM)
        await set_preferences(call.by, Preferences(bpm=(low, high)), deps=call.deps)
    elif call.action == "clear":
        await _clear_tempo(call)
    return Answer(await tempo_menu(call))


async def tempo_menu(call: Call) -> Reply:
    kept = await kept_preferences(call)
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


async def set_pace(value: str, call: Call) -> None:
    match = re.fullmatch(r"(\d{2,3})\.(\d{2,3})", value)
    if match is None:
        await _clear_tempo(call)
    else:
        await set_preferences(call.by, Preferences(bpm=(int(match[1]), int(match[2]))), deps=call.deps)


async def _clear_tempo(call: Call) -> None:
    async def work(unit: UnitOfWork) -> None:
        user_id = await user_of(call.by, unit=unit, deps=call.deps)
        await unit.preferences.set(user_id, bpm_min=None, bpm_max=None)

    await call.deps.commit(work)
