"""/avoid: what to leave out of every song."""

from __future__ import annotations

from handlers.button_actions import ButtonAction, slug
from handlers.errors import Refused
from handlers.preferences.store import PreferenceChanges, kept_preferences, set_preferences
from handlers.preferences.taste import split_words
from handlers.request import Request
from handlers.responses import Reply, Response, in_rows, switch_button
from handlers.texts import sentence

AVOIDABLE = ("drums", "electric guitar", "distortion", "synth", "brass", "strings", "piano", "bass", "noise")


async def avoid(request: Request) -> Response:
    """Set, clear or show what to leave out."""
    if request.action in ("set", "clear"):
        text = request.text("text") if request.action == "set" else ""
        await set_preferences(request.sender, PreferenceChanges(avoid=text), deps=request.deps)
    return Response(await avoid_menu(request))


async def switch_avoided(value: str, request: Request) -> Reply:
    """Leave out what a button carries, or no longer, and show the menu. Raises Refused "stale_button"."""
    name = next((each for each in AVOIDABLE if slug(each) == value), None)
    if name is None:
        raise Refused("stale_button")
    kept = split_words((await kept_preferences(request)).negative_prompts or "")
    others = [each for each in kept if each.lower() != name]
    wanted = others if len(others) < len(kept) else [*kept, name]
    await set_preferences(request.sender, PreferenceChanges(avoid=", ".join(wanted)), deps=request.deps)
    return await avoid_menu(request)


async def avoid_menu(request: Request) -> Reply:
    """Show what is left out, with buttons for what people often leave out."""
    kept = (await kept_preferences(request)).negative_prompts
    text = sentence(request.locale, "avoid_is" if kept else "avoid_none", text=kept)
    avoided = {name.lower() for name in split_words(kept or "")}
    buttons = [switch_button(name, ButtonAction("avoid", 0, slug(name)), on=name in avoided) for name in AVOIDABLE]
    return Reply(text, in_rows(buttons))
