"""Methods that change what stands in a chat, and answers to what people pressed."""

from __future__ import annotations

import time

from telegram.constants import ReactionEmoji

from tests.telegram_server.call import Call, Json, bad_request
from tests.telegram_server.markup import formatted, keyboard
from tests.telegram_server.sending import CAPTION_LIMIT, TEXT_LIMIT
from tests.telegram_server.world import Message, World

ANSWER_LIMIT = 200  # characters


def edit_message_text(world: World, call: Call) -> Json:
    message = _editable(world, call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    content = formatted(call, "text", limit=TEXT_LIMIT)
    if "text" not in content:
        raise bad_request("message text is empty")
    return _change(message, content, keyboard(call))


def edit_message_caption(world: World, call: Call) -> Json:
    message = _editable(world, call)
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    media = {key: value for key, value in message.content.items() if not key.startswith("caption")}
    return _change(message, media | formatted(call, "caption", limit=CAPTION_LIMIT), keyboard(call))


def edit_message_reply_markup(world: World, call: Call) -> Json:
    message = _editable(world, call)
    return _change(message, message.content, keyboard(call))


def delete_message(world: World, call: Call) -> bool:
    """Delete a message: in groups the bot needs to be admin for other people's."""
    chat = world.reach(call)
    message = chat.find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not message.sender.is_bot and chat.kind != "private" and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    message.deleted = True
    return True


def answer_callback_query(world: World, call: Call) -> bool:
    press = world.presses.get(call.text("callback_query_id"))
    if press:
        press.answers.append(call.text("text"))
    if press is None or press.stale:
        reason = "query is too old and response timeout expired or query ID is invalid"
        raise bad_request(reason, mistake=press is None)
    if len(call.text("text")) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return True


def set_message_reaction(world: World, call: Call) -> bool:
    message = world.reach(call).find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    emojis = [str(reaction.get("emoji")) for reaction in call.json("reaction") or []]
    if len(emojis) > 1 or not set(emojis) <= set(ReactionEmoji):  # bots may set one
        raise bad_request("REACTION_INVALID")
    message.reactions[world.bot.id] = emojis
    return True


def _editable(world: World, call: Call) -> Message:
    message = world.reach(call).find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.sender.is_bot:
        raise bad_request("message can't be edited")
    return message


def _change(message: Message, content: Json, markup: Json) -> Json:
    """Replace content and keyboard; a keyboard that is not sent again disappears."""
    if (content, markup) == (message.content, message.markup):
        same = "specified new message content and reply markup are exactly the same as a current content and"
        raise bad_request(f"message is not modified: {same} reply markup of the message")
    message.edits.append((time.monotonic(), message.content))
    message.content, message.markup = content, markup
    return message.json()
