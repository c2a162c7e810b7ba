"""Methods about the bot itself: its commands for each scope and language, its name and descriptions."""

from __future__ import annotations

import json
import re

from tests.telegram_server.call import Call, Json, bad_request
from tests.telegram_server.world import World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip
_TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


def get_me(world: World, call: Call) -> Json:
    may = {"can_join_groups": True, "can_read_all_group_messages": not world.privacy_mode}
    return world.bot.json() | may | {"supports_inline_queries": False}


def set_my_commands(world: World, call: Call) -> bool:
    commands = call.json("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile["commands", _language(call), _scope(call)] = commands
    return True


def delete_my_commands(world: World, call: Call) -> bool:
    world.profile.pop(("commands", _language(call), _scope(call)), None)
    return True


def get_my_commands(world: World, call: Call) -> object:
    return world.profile.get(("commands", _language(call), _scope(call)), [])


def set_my_text(world: World, call: Call) -> bool:
    """Answer setMyName, setMyDescription and setMyShortDescription."""
    setting = call.method.removeprefix("setMy")
    field, limit = _TEXTS[setting]
    if len(call.text(field)) > limit:
        raise bad_request(f"{field.replace('_', ' ')} is too long")
    world.profile[setting, _language(call)] = call.text(field)
    return True


def get_my_text(world: World, call: Call) -> Json:
    setting = call.method.removeprefix("getMy")
    own = world.profile.get((setting, _language(call)))
    return {_TEXTS[setting][0]: own or world.profile.get((setting, ""), "")}


def _language(call: Call) -> str:
    code = call.text("language_code")
    if not re.fullmatch(r"([a-z]{2})?", code):  # ISO 639-1, no region
        raise bad_request("invalid language code specified")
    return code


def _scope(call: Call) -> str:
    scope = call.json("scope") or {"type": "default"}
    needed = _SCOPES.get(str(scope.get("type")))
    if needed is None:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    if any(name not in scope for name in needed):
        raise bad_request("chat identifier is not specified")
    return json.dumps(scope, sort_keys=True)
