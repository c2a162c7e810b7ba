"""What the documentation says Discord checks in a list of application commands."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.discord_server.message_limits import check_count, check_length
from tests.discord_server.rejections import Rejected

SUBCOMMAND, GROUP = 1, 2
MOST_PER_TYPE = {1: 100, 2: 15, 3: 15}
MOST_CHARACTERS = 8000
LOCALES = {
    *("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl"),
    *("pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja"),
    *("zh-TW", "ko"),
}


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Refuse a bulk overwrite with too many commands, one name twice, or a malformed command."""
    for kind, number in Counter(command.get("type", 1) for command in commands).items():
        if number > MOST_PER_TYPE[kind]:
            raise Rejected(50035, field="", reason="APPLICATION_COMMAND_TOO_MANY")
    if len({(c.get("type", 1), c["name"]) for c in commands}) != len(commands):
        raise Rejected(50035, field="name", reason="APPLICATION_COMMANDS_DUPLICATE_NAME")
    for n, command in enumerate(commands):
        _check_command(command, str(n))


def _check_command(command: dict[str, Any], field: str) -> None:
    if command.get("type", 1) == 1:
        _check_named(command, field)
        _check_options(command.get("options", []), field, depth=0)
        if sum(_sizes(command)) > MOST_CHARACTERS:
            raise Rejected(50035, field=field, reason="APPLICATION_COMMAND_TOO_LARGE")
        return
    check_length(command["name"], f"{field}.name", 32)
    if command.get("description") or command.get("options"):
        raise Rejected(50035, field=f"{field}.description", reason="CONTEXT_MENU_NO_DESCRIPTION")


def _check_named(part: dict[str, Any], field: str) -> None:
    for key, most in (("name", 32), ("description", 100)):
        localised = part.get(f"{key}_localizations") or {}
        if not localised.keys() <= LOCALES:
            raise Rejected(50035, field=f"{field}.{key}_localizations", reason="ENUM_TYPE_COERCE")
        for text in (part[key], *localised.values()):
            check_length(text, f"{field}.{key}", most)
            if key == "name" and not _is_command_name(text):
                raise Rejected(50035, field=f"{field}.name", reason="APPLICATION_COMMAND_INVALID_NAME")


def _is_command_name(text: str) -> bool:
    """Say whether it is of letters, numbers, - _ ' (and Thai and Devanagari marks), in lower case."""
    marks = re.compile("[\u0900-\u097f\u0e00-\u0e7f]")
    return text == text.lower() and all(
        c in "-_'" or unicodedata.category(c)[0] in "LN" or marks.match(c) for c in text
    )


def _check_options(options: list[dict[str, Any]], field: str, *, depth: int) -> None:
    check_count(options, f"{field}.options", 25)
    nested = [option["type"] in (SUBCOMMAND, GROUP) for option in options]
    if any(nested) and not all(nested):
        raise Rejected(50035, field=f"{field}.options", reason="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
    if len({option["name"] for option in options}) != len(options):
        raise Rejected(50035, field=f"{field}.options", reason="APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        raise Rejected(50035, field=f"{field}.options", reason="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    for n, option in enumerate(options):
        _check_option(option, f"{field}.options.{n}", depth=depth)


def _check_option(option: dict[str, Any], field: str, *, depth: int) -> None:
    _check_named(option, field)
    if option["type"] in (SUBCOMMAND, GROUP):
        # A group holds subcommands only, and only at the top; a subcommand holds values only.
        if (option["type"] == GROUP and depth > 0) or (option["type"] == SUBCOMMAND and depth > 1):
            raise Rejected(50035, field=field, reason="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
        return _check_options(option.get("options", []), field, depth=depth + (1 if option["type"] == GROUP else 2))
    if depth == 1:
        raise Rejected(50035, field=field, reason="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
    choices = option.get("choices") or []
    check_count(choices, f"{field}.choices", 25)
    if choices and option.get("autocomplete"):
        raise Rejected(50035, field=field, reason="APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES")
    for n, choice in enumerate(choices):
        check_choice(choice, f"{field}.choices.{n}")
    return None


def check_choice(choice: dict[str, Any], field: str) -> None:
    """Refuse a choice whose name or text value is not 1–100 characters."""
    for name in (choice["name"], *(choice.get("name_localizations") or {}).values()):
        check_length(name, f"{field}.name", 100)
    if isinstance(choice["value"], str):
        check_length(choice["value"], f"{field}.value", 100)


def _sizes(part: dict[str, Any]) -> Iterator[int]:
    """Yield the characters that count: each text by its longest localisation, and choice values."""
    for key in ("name", "description"):
        texts = [part.get(key) or "", *(part.get(f"{key}_localizations") or {}).values()]
        yield max(map(len, texts))
    yield len(str(part.get("value", "")))
    for inner in (*part.get("options", []), *(part.get("choices") or [])):
        yield from _sizes(inner)
