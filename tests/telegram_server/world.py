"""Who is there and what was said: users, chats, members, messages; and what of it the bot may see."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from tests.telegram_server.call import Call, Json, Rejected, bad_request
from tests.telegram_server.files import Files
from tests.telegram_server.markup import entities_in, utf16
from tests.telegram_server.updates import Updates

ChatKind = Literal["private", "group", "supergroup"]
BotStatus = Literal["left", "member", "administrator", "kicked"]  # in a private chat, kicked means blocked


@dataclass(frozen=True, slots=True)
class User:
    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def json(self) -> Json:
        optional = {"username": self.username, "language_code": self.language_code}
        known = {key: value for key, value in optional.items() if value}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | known


@dataclass(slots=True, eq=False)
class Chat:
    id: int
    kind: ChatKind
    name: str
    bot_status: BotStatus = "left"
    messages: list[Message] = field(default_factory=list)  # in the order of sending, deleted ones too
    actions: list[tuple[float, str]] = field(default_factory=list)  # "upload_voice" and its like
    migrated_to: int | None = None
    owner: int = 0  # a user's id
    admins: set[int] = field(default_factory=set)
    topics: set[int] = field(default_factory=set)  # of a forum; what lies in none is its General topic

    def json(self) -> Json:
        named = "first_name" if self.kind == "private" else "title"
        return {"id": self.id, "type": self.kind, named: self.name}

    def find(self, message_id: int) -> Message | None:
        return next((m for m in self.messages if m.id == message_id and not m.deleted), None)

    def from_bot(self, kind: str = "") -> list[Message]:
        """What the bot said here and did not delete; `kind` is a content field such as "audio"."""
        said = (m for m in self.messages if m.sender.is_bot and not m.deleted)
        return [m for m in said if not kind or kind in m.content]


@dataclass(slots=True, eq=False)
class Message:
    id: int
    chat: Chat
    sender: User
    content: Json  # text and entities, or a media field and caption, or a service field
    reply_to: Message | None = None
    markup: Json = field(default_factory=dict)
    date: int = field(default_factory=lambda: int(time.time()))
    edits: list[tuple[float, Json]] = field(default_factory=list)  # when, and what it said until then
    reactions: dict[int, list[str]] = field(default_factory=dict)  # by user
    deleted: bool = False
    topic: int | None = None

    @property
    def text(self) -> str:
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        return list(self.content.get("entities") or self.content.get("caption_entities") or [])

    @property
    def buttons(self) -> dict[str, str]:
        """Callback data by label, in reading order."""
        rows = self.markup.get("inline_keyboard", [])
        return {button["text"]: button.get("callback_data", "") for row in rows for button in row}

    def json(self, *, with_reply: bool = True) -> Json:
        body = {
            "message_id": self.id,
            "from": self.sender.json(),
            "chat": self.chat.json(),
            "date": self.date,
        }
        if self.edits:
            body["edit_date"] = int(time.time())
        if self.reply_to and with_reply:  # one level only
            body["reply_to_message"] = self.reply_to.json(with_reply=False)
        if "inline_keyboard" in self.markup:
            body["reply_markup"] = self.markup
        return body | self._thread() | self.content

    def _thread(self) -> Json:
        """Supergroups number threads of replies as they do topics; only the latter can be written to."""
        if self.topic:
            return {"message_thread_id": self.topic, "is_topic_message": True}
        return {"message_thread_id": self.reply_to.id} if self.reply_to and self.chat.kind == "supergroup" else {}


@dataclass(slots=True)
class Press:
    """A pressed button that waits for answerCallbackQuery."""

    id: str
    stale: bool
    answers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class World:
    updates: Updates
    bot: User
    privacy_mode: bool = True
    chats: dict[int, Chat] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    profile: dict[tuple[str, ...], object] = field(default_factory=dict)  # (setting, language, scope) → value
    files: Files = field(default_factory=Files)
    ids: count[int] = field(default_factory=lambda: count(7_000_000_001))  # past 32 bits, as in life

    def reach(self, call: Call) -> Chat:
        """Find the chat that a request writes to, or refuse as Telegram does."""
        chat = self.chats.get(call.chat_id) if call.chat_id is not None else None
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to:
            reason = "group chat was upgraded to a supergroup chat"
            raise bad_request(reason, mistake=False, migrate_to_chat_id=chat.migrated_to)
        if chat.bot_status == "kicked":
            who = "blocked by the user" if chat.kind == "private" else f"kicked from the {chat.kind} chat"
            raise Rejected(403, f"Forbidden: bot was {who}", mistake=False)
        if chat.bot_status == "left":
            first = "can't initiate conversation with a user" if chat.kind == "private" else "is not a member"
            raise Rejected(403, f"Forbidden: bot {first}")
        return chat

    def say(
        self,
        chat: Chat,
        sender: User,
        content: Json,
        *,
        reply_to: Message | None = None,
        markup: Json | None = None,
        topic: int | None = None,
    ) -> Message:
        """Put a message into a chat; ids count up in each chat by itself, so they repeat across chats."""
        message = Message(len(chat.messages) + 1, chat, sender, content, reply_to, markup or {}, topic=topic)
        chat.messages.append(message)
        return message

    def tell_bot(self, message: Message) -> None:
        """Send a person's message to the bot if it may see it."""
        if self._bot_sees(message):
            self.updates.add("message", message.json(), lane=message.chat.id)

    def _bot_sees(self, message: Message) -> bool:
        status = message.chat.bot_status
        if message.chat.kind == "private" or status != "member" or not self.privacy_mode:
            return status in ("member", "administrator")
        replies = message.reply_to is not None and message.reply_to.sender is self.bot
        return replies or self._is_called(message.text)

    def _is_called(self, text: str) -> bool:
        """Whether a text in a group names the bot or holds a command that is not another bot's."""
        me = f"@{self.bot.username}".lower()
        for entity in entities_in(text):
            name = utf16(text, entity).lower()
            if name == me or (entity["type"] == "bot_command" and ("@" not in name or name.endswith(me))):
                return True
        return False
