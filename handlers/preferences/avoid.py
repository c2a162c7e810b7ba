"""/avoid: what to leave out of every song."""

from __future__ import annotations

from handlers.button_actions import ButtonAction
from handlers.errors import Refused
from handlers.preferences.menu_buttons import PER_ROW, slug
from handlers.preferences.store import PreferenceChanges, kept_preferences, set_preferences
from handlers.preferences.taste import split_words
from handlers.request import Request
from handlers.responses import Button, Reply, Response
from handlers.texts import sentence

AVOIDABLE = ("drums", "electric guitar", "distortion", "synth", "brass", "strings", "piano", "bass", "noise")


async def avoid(request: Request) -> Response:
    """Set, clear or show what to leave out."""
    if request.action in ("set", "clear"):
        text = request.text("text") if request.action == "set" else ""
        await set_preferences(request.sender, PreferenceChanges(avoid=text), deps=request.deps)
    return Response(await avoid_menu(request))


async def avoid_menu(request: Request) -> Reply:
    """Show what is left out, and toggles for what people often leave out."""
    kept = (await kept_preferences(request)).negative_prompts
    text = sentence(request.locale, "avoid_is" if kept else "avoid_none", text=kept)
    avoided = {name.lower() for name in split_words(kept or "")}
    buttons = [
        Button(
            f"✓ {name}" if name in avoided else name,
            ButtonAction("toggle", 0, f"a.{slug(name)}").encode(),
            "good" if name in avoided else "plain",
        )
        for name in AVOIDABLE
    ]
    return Reply(text, tuple(tuple(buttons[start : start + PER_ROW]) for start in range(0, len(buttons), PER_ROW)))


async def switch_avoided(value: str, request: Request) -> None:
    name = next((each for each in AVOIDABLE if slug(each) == value), None)
    if name is None:
        raise Refused("stale_button")
    kept = split_words((await kept_preferences(request)).negative_prompts or "")
    others = [each for each in kept if each.lower() != name]
    wanted = others if len(others) < len(kept) else [*kept, name]
    await set_preferences(request.sender, PreferenceChanges(avoid=", ".join(wanted)), deps=request.deps)
