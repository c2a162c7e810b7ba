"""What Discord's own client lets a person send; the hands ask before each step."""

from __future__ import annotations

from typing import Any

from tests.discord_server.message_limits import LABEL, ROW, SELECTS

STRING, INTEGER, BOOLEAN, NUMBER, ATTACHMENT = 3, 4, 5, 10, 11
TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
}


class NotOffered(Exception):
    """Discord's client does not let a person do this."""


def is_called(part: dict[str, Any], name: str) -> bool:
    """Say whether a button has this custom_id or emoji, or this in its label."""
    emoji = (part.get("emoji") or {}).get("name")
    return name in (part["custom_id"], emoji) or name in (part.get("label") or "")


def check_option(option: dict[str, Any], value: Any) -> None:
    """Let a value into a slash command's option only by its type, range and choices."""
    if not isinstance(value, TYPES[option["type"]]):
        raise NotOffered(f"{value!r} in {option['name']!r}")
    size = len(value) if isinstance(value, str) else value
    suffix = "length" if isinstance(value, str) else "value"
    if not option.get(f"min_{suffix}", size) <= size <= option.get(f"max_{suffix}", size):
        raise NotOffered(f"{value!r} in {option['name']!r}")
    choices = option.get("choices") or []
    if choices and value not in [choice["value"] for choice in choices]:
        raise NotOffered(f"{value!r} among {choices}")


def check_input(field: dict[str, Any], value: str) -> None:
    """Let a text into a modal's input only by its length."""
    least = field.get("min_length", 0) if value or field.get("required", True) else 0
    if (field.get("required", True) and not value) or not least <= len(value) <= field.get("max_length", 4000):
        raise NotOffered(f"{value!r} in {field['custom_id']!r}")


def filled(modal: dict[str, Any], values: dict[str, str]) -> list[dict[str, Any]]:
    """Write a modal's components as its submission carries them."""

    def fill(part: dict[str, Any]) -> dict[str, Any]:
        value = values.get(part["custom_id"], "")
        own = {"values": [value]} if part["type"] in SELECTS else {"value": value}
        return {"type": part["type"], "id": part.get("id", 1), "custom_id": part["custom_id"]} | own

    filled = []
    for part in modal["components"]:
        if part["type"] == LABEL:
            filled.append({"type": LABEL, "id": part.get("id", 1), "component": fill(part["component"])})
        elif part["type"] == ROW:
            filled.append({"type": ROW, "components": [fill(inner) for inner in part["components"]]})
    return filled
