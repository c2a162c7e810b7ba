"""What the documentation says Discord checks in a message, its embeds, its components and in a modal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.discord_server.rejections import Rejected

ROW, BUTTON, SELECTS, TEXT_INPUT, LABEL = 1, 2, {3, 5, 6, 7, 8}, 4, 18
LINK_STYLE = 5
EMBED_TEXT = {"title": 256, "description": 4096}
EMBED_TOTAL = 6000
CUSTOM_ID = 100


def check_length(value: object, field: str, most: int, *, least: int = 1) -> None:
    """Refuse text outside [least, most] characters with Discord's reason."""
    if not isinstance(value, str):
        raise Rejected(50035, field=field, reason="BASE_TYPE_REQUIRED")
    if not least <= len(value) <= most:
        raise Rejected(50035, field=field, reason="BASE_TYPE_BAD_LENGTH")


def check_count(items: list[Any], field: str, most: int, *, least: int = 0) -> None:
    """Refuse lists outside [least, most] items."""
    if not least <= len(items) <= most:
        raise Rejected(50035, field=field, reason="BASE_TYPE_BAD_LENGTH")


def check_message(payload: dict[str, Any]) -> None:
    """Refuse a message body whose parts are too long, too many or malformed."""
    check_length(payload.get("content") or "", "content", 2000, least=0)
    nonce = payload.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        raise Rejected(50035, field="nonce", reason="NONCE_TYPE_BAD_LENGTH")
    check_allowed_mentions(payload.get("allowed_mentions") or {})
    check_embeds(payload.get("embeds") or [])
    check_components(payload.get("components") or [])


def check_allowed_mentions(allowed: dict[str, Any]) -> None:
    """Refuse a kind both parsed and listed, and lists over 100 ids."""
    for kind in ("users", "roles"):
        if kind in allowed.get("parse", []) and allowed.get(kind):
            raise Rejected(50035, field="allowed_mentions", reason="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")
        check_count(allowed.get(kind) or [], f"allowed_mentions.{kind}", 100)


def check_embeds(embeds: list[dict[str, Any]]) -> None:
    """Refuse over 10 embeds, 25 fields, or 6000 characters in all of them together."""
    check_count(embeds, "embeds", 10)
    texts = [(f"embeds.{n}.{name}", text, most) for n, e in enumerate(embeds) for name, text, most in _embed_texts(e)]
    for field, text, most in texts:
        check_length(text, field, most)
    for n, embed in enumerate(embeds):
        check_count(embed.get("fields", []), f"embeds.{n}.fields", 25)
    if sum(len(text) for _, text, _ in texts) > EMBED_TOTAL:
        raise Rejected(50035, field="embeds", reason="MAX_EMBED_SIZE_EXCEEDED")


def _embed_texts(embed: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    for name, most in EMBED_TEXT.items():
        if embed.get(name) is not None:
            yield name, embed[name], most
    if "footer" in embed:
        yield "footer.text", embed["footer"]["text"], 2048
    if "author" in embed:
        yield "author.name", embed["author"]["name"], 256
    for n, field in enumerate(embed.get("fields", [])):
        yield f"fields.{n}.name", field["name"], 256
        yield f"fields.{n}.value", field["value"], 1024


def check_components(rows: list[dict[str, Any]]) -> None:
    """Refuse more than 5 rows of 5 buttons or one select, and ids that are long or used twice."""
    check_count(rows, "components", 5)
    ids: list[str] = []
    for n, row in enumerate(rows):
        if row["type"] != ROW:
            raise Rejected(50035, field=f"components.{n}.type", reason="UNION_TYPE_CHOICES")
        width = 1 if any(part["type"] in SELECTS for part in row["components"]) else 5
        check_count(row["components"], f"components.{n}.components", width, least=1)
        for m, part in enumerate(row["components"]):
            check_component(part, f"components.{n}.components.{m}")
            ids += [part["custom_id"]] if "custom_id" in part else []
    if len(set(ids)) != len(ids):
        raise Rejected(50035, field="components", reason="COMPONENT_CUSTOM_ID_DUPLICATED")


def check_component(part: dict[str, Any], field: str) -> None:
    """Refuse a malformed button or select menu."""
    if part["type"] == BUTTON:
        check_button(part, field)
    elif part["type"] in SELECTS:
        check_select(part, field)
    else:
        raise Rejected(50035, field=f"{field}.type", reason="UNION_TYPE_CHOICES")


def check_button(part: dict[str, Any], field: str) -> None:
    """Refuse a button without text, or with both or neither of custom_id and url."""
    if (part["style"] == LINK_STYLE) != ("url" in part) or ("url" in part) == ("custom_id" in part):
        raise Rejected(50035, field=field, reason="BUTTON_COMPONENT_INVALID_STYLE")
    if "custom_id" in part:
        check_length(part["custom_id"], f"{field}.custom_id", CUSTOM_ID)
    if not part.get("label") and not part.get("emoji"):
        raise Rejected(50035, field=field, reason="BUTTON_COMPONENT_REQUIRED_LABEL_OR_EMOJI")
    check_length(part.get("label") or "", f"{field}.label", 80, least=0)


def check_select(part: dict[str, Any], field: str) -> None:
    """Refuse over 25 options, over-long texts, values used twice, and impossible numbers of choices."""
    check_length(part["custom_id"], f"{field}.custom_id", CUSTOM_ID)
    check_length(part.get("placeholder") or "", f"{field}.placeholder", 150, least=0)
    if part["type"] != 3:
        return
    options = part["options"]
    check_count(options, f"{field}.options", 25, least=1)
    for n, option in enumerate(options):
        check_length(option["label"], f"{field}.options.{n}.label", 100)
        check_length(option["value"], f"{field}.options.{n}.value", 100)
        check_length(option.get("description") or "", f"{field}.options.{n}.description", 100, least=0)
    if len({option["value"] for option in options}) != len(options):
        raise Rejected(50035, field=f"{field}.options", reason="SELECT_COMPONENT_OPTION_VALUE_DUPLICATED")
    if not 0 <= part.get("min_values", 1) <= part.get("max_values", 1) <= len(options):
        raise Rejected(50035, field=f"{field}.max_values", reason="BASE_TYPE_BAD_LENGTH")


def modal_fields(modal: dict[str, Any]) -> list[dict[str, Any]]:
    """List a modal's inputs, whether they stand in a row or under a label; a label's text becomes theirs."""
    found = []
    for part in modal["components"]:
        if part["type"] == LABEL:
            found.append({**part["component"], "label": part["label"]})
        elif part["type"] == ROW:
            found += part["components"]
    return found


def check_modal(modal: dict[str, Any]) -> None:
    """Refuse a modal with a long title, no input or more than 5, or texts over their limits."""
    check_length(modal["custom_id"], "data.custom_id", CUSTOM_ID)
    check_length(modal["title"], "data.title", 45)
    check_count(modal["components"], "data.components", 5, least=1)
    for n, part in enumerate(modal_fields(modal)):
        field = f"data.components.{n}"
        check_length(part["label"], f"{field}.label", 45)
        if part["type"] in SELECTS:
            check_select(part, field)
            continue
        check_length(part["custom_id"], f"{field}.custom_id", CUSTOM_ID)
        check_length(part.get("placeholder") or "", f"{field}.placeholder", 100, least=0)
        check_length(part.get("value") or "", f"{field}.value", 4000, least=0)
        if not 0 <= part.get("min_length", 0) <= part.get("max_length", 4000) <= 4000:
            raise Rejected(50035, field=f"{field}.max_length", reason="NUMBER_TYPE_MAX")
