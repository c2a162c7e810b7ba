"""Who somebody is in a chat: getChatMember, and how changes of it are told."""

from __future__ import annotations

from typing import Literal

from tests.telegram_server.call import Call, Json, bad_request
from tests.telegram_server.world import User, World

Status = Literal["creator", "administrator", "member", "left", "kicked"]

RIGHTS = [
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
    "can_post_stories", "can_edit_stories", "can_delete_stories",
]  # fmt: skip
DETAILS: dict[Status, Json] = {
    "kicked": {"until_date": 0},
    "administrator": dict.fromkeys(RIGHTS, True),
    "creator": {"is_anonymous": False},
}


def member_json(user: User, status: Status) -> Json:
    return {"user": user.json(), "status": status} | DETAILS.get(status, {})


def get_chat_member(world: World, call: Call) -> Json:
    """Tell who a person is there: the owner, an admin, or any member."""
    chat, user_id = world.reach(call), call.integer("user_id")
    known = world.chats.get(user_id)  # a person's own chat has their id
    if known is None:
        raise bad_request("user not found")
    status: Status = "creator" if user_id == chat.owner else "administrator" if user_id in chat.admins else "member"
    return member_json(User(user_id, known.name), status)
