"""Formatted text and keyboards: what Telegram makes of them, and what it refuses."""

from __future__ import annotations

import html
import re

from tests.telegram_server.call import Call, Json, bad_request

_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
}  # fmt: skip
_PIECE = re.compile(r"<(?P<end>/?)(?P<tag>[^\s<>/]*)(?P<rest>[^<>]*)(?P<close>>?)|&(?:lt|gt|amp|quot|#\w+);")
_HREF = re.compile(r"""\shref\s*=\s*["']?(?P<url>[^"'>]*)""")
_WRITTEN = re.compile(r"(?<!\S)(?P<bot_command>/\w{1,64}(?:@\w+)?)|(?<!\w)(?P<mention>@\w{3,})")


def length(text: str) -> int:
    """Length in UTF-16 code units, in which entities are counted."""
    return len(text.encode("utf-16-le")) // 2


def utf16(text: str, entity: Json) -> str:
    """The piece of a text that an entity covers."""
    start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
    return text.encode("utf-16-le")[start:end].decode("utf-16-le")


def entities_in(text: str) -> list[Json]:
    """Commands and mentions that a person typed."""
    return [
        {"type": found.lastgroup, "offset": length(text[: found.start()]), "length": length(found[0])}
        for found in _WRITTEN.finditer(text)
    ]


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Take the tags out of a text; raise Rejected for what Telegram cannot parse."""
    text, position, entities, open_tags = "", 0, [], list[tuple[str, Json]]()
    for piece in _PIECE.finditer(source):
        text += source[position : piece.start()]
        position = piece.end()
        if piece[0][0] == "&":
            text += html.unescape(piece[0])
        elif piece["end"]:
            entities.append(_closed(piece, open_tags, length(text)))
        else:
            open_tags.append((piece["tag"].lower(), _opened(piece, length(text))))
    if open_tags:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return text + source[position:], [entity for entity in entities if entity["length"]]


def _opened(piece: re.Match[str], offset: int) -> Json:
    at = f"at byte offset {len(piece.string[: piece.start()].encode())}"
    if (tag := piece["tag"].lower()) not in _TAGS and (piece["close"] or piece["rest"]):
        raise _cannot(f'Unsupported start tag "{tag}" {at}')
    if not piece["close"]:
        raise _cannot(f"Unclosed start tag {at}")
    link = _HREF.search(piece["rest"])
    return {"type": _TAGS[tag], "offset": offset} | ({"url": html.unescape(link["url"])} if link else {})


def _closed(piece: re.Match[str], open_tags: list[tuple[str, Json]], end: int) -> Json:
    at = f"at byte offset {len(piece.string[: piece.start()].encode())}"
    if not open_tags:
        raise _cannot(f"Unexpected end tag {at}")
    tag, entity = open_tags.pop()
    if tag != piece["tag"].lower():
        raise _cannot(f'Unmatched end tag {at}, expected "</{tag}>", found "{piece[0]}"')
    return entity | {"length": end - entity["offset"]}


def _cannot(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")


def formatted(call: Call, field: str, *, limit: int) -> Json:
    """Read a text or caption with its entities; lengths count after parsing."""
    text, entities = call.text(field), call.json("entities" if field == "text" else "caption_entities") or []
    if (mode := call.text("parse_mode")) == "HTML":
        text, entities = parse_html(text)
    elif mode:
        raise bad_request("unsupported parse_mode")  # Markdown exists, but nothing here writes it
    if length(text.strip()) > limit:
        raise bad_request("message is too long" if field == "text" else "message caption is too long")
    named = "entities" if field == "text" else "caption_entities"
    found = sorted(entities or entities_in(text), key=lambda entity: (entity["offset"], -entity["length"]))
    return ({field: text} if text.strip() else {}) | ({named: found} if found else {})


def keyboard(call: Call) -> Json:
    """Read reply_markup and check its buttons."""
    markup = call.json("reply_markup") or {}
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    if len(buttons) > 100:
        raise bad_request("reply markup is too long")
    for button in buttons:
        if not button.get("text"):
            raise bad_request("inline keyboard button text must be non-empty")
        if len(button) < 2:
            raise bad_request("Text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:  # bytes
            raise bad_request("BUTTON_DATA_INVALID")
    return dict(markup)
