"""The methods that this Telegram answers, by name; getUpdates, which waits, is the server's own."""

from __future__ import annotations

from collections.abc import Callable

from tests.telegram_server import editing, members, profile, sending
from tests.telegram_server.call import Call
from tests.telegram_server.world import World

METHODS: dict[str, Callable[[World, Call], object]] = {
    "getMe": profile.get_me,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    **{f"setMy{text}": profile.set_my_text for text in ("Name", "Description", "ShortDescription")},
    **{f"getMy{text}": profile.get_my_text for text in ("Name", "Description", "ShortDescription")},
    "sendMessage": sending.send_message,
    "sendAudio": sending.send_audio,
    "sendDocument": sending.send_document,
    "sendPhoto": sending.send_photo,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "answerCallbackQuery": editing.answer_callback_query,
    "setMessageReaction": editing.set_message_reaction,
    "getChatMember": members.get_chat_member,
    "getFile": lambda world, call: world.files.link(call.text("file_id")),
    "setWebhook": lambda world, call: world.updates.set_webhook(call),
    "deleteWebhook": lambda world, call: world.updates.set_webhook(call),
    "getWebhookInfo": lambda world, _: world.updates.webhook_info(),
}
