"""From the text behind a typed command to its arguments, for chats without blanks."""

from __future__ import annotations

import re

from handlers.commands.registry import Option, command_named


def typed_arguments(name: str, text: str) -> dict[str, str]:
    """Read what was typed after a command ("add jazz, lo-fi") into the arguments of `run_command`."""
    command, text = command_named(name), text.strip()
    if command is None:
        return {}
    if not command.actions:
        return _fill_options(command.options, text)
    first, _, rest = text.partition(" ")
    named = next((action for action in command.actions if action.name == first.lower()), None)
    if named is None:
        first, rest = (command.bare or command.default, text) if text else (command.default, "")
        named = next(action for action in command.actions if action.name == first)
    return {"action": named.name, **_fill_options(named.options, rest.strip())}


def _fill_options(options: tuple[Option, ...], text: str) -> dict[str, str]:
    """Fill blanks in order, a word each, the last one with all the rest; optional ones may be named ("age 30")."""
    blanks = [option for option in options if option.kind != "file"]
    if not blanks or not text:
        return {}
    if len(blanks) > 1 and not any(option.required for option in blanks):
        return _read_named_options(blanks, text)
    words = re.split(r"[\s\-–—]+" if all(option.kind == "number" for option in blanks) else r"\s+", text)
    filled = {option.name: word for option, word in zip(blanks[:-1], words, strict=False)}
    rest = text.split(maxsplit=len(blanks) - 1)
    last = words[len(blanks) - 1 :] if all(option.kind == "number" for option in blanks) else rest[len(blanks) - 1 :]
    return {**filled, blanks[-1].name: " ".join(last)} if last else filled


def _read_named_options(blanks: list[Option], text: str) -> dict[str, str]:
    names = "|".join(option.name for option in blanks)
    parts = re.split(rf"(?:^|[\s,;])({names})\s*[=:]?\s+|(?:^|[\s,;])({names})[=:]", text, flags=re.IGNORECASE)
    found: dict[str, str] = {}
    for index in range(1, len(parts) - 2, 3):
        name = parts[index] or parts[index + 1]
        found[name.lower()] = parts[index + 2].strip(" ,;")
    return found
