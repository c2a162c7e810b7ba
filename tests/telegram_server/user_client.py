"""A person's hands: what someone with a Telegram client can do to the bot."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count

from tests.telegram_server.call import Json
from tests.telegram_server.markup import entities_in
from tests.telegram_server.members import member_json
from tests.telegram_server.world import BotStatus, Chat, Message, Press, User, World


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a private chat (`chat`) with the bot; all happens there unless `to` names a group."""

    world: World
    user: User
    chat: Chat

    def says(
        self, text: str, *, to: Chat | None = None, reply_to: Message | None = None, topic: int | None = None
    ) -> Message:
        """Send a text; "/start" is a command and "@name" a mention, as in life."""
        content = {"text": text} | ({"entities": found} if (found := entities_in(text)) else {})
        return self._sends(content, to, reply_to, topic)

    def sends_photo(
        self, picture: bytes, *, caption: str = "", to: Chat | None = None, reply_to: Message | None = None
    ) -> Message:
        """Send a picture as a photo: Telegram keeps it as JPEG in several sizes."""
        return self._sends({"photo": self.world.files.keep_photo(picture)} | _caption(caption), to, reply_to)

    def sends_album(self, pictures: list[bytes], *, caption: str = "", to: Chat | None = None) -> list[Message]:
        """Send several photos as one album: one update each, the caption on the first."""
        album = {"media_group_id": str(next(self.world.ids))}
        captions = [caption, *[""] * (len(pictures) - 1)]
        photos = [self.world.files.keep_photo(picture) for picture in pictures]
        return [
            self._sends({"photo": photo} | album | _caption(text), to, None)
            for photo, text in zip(photos, captions, strict=True)
        ]

    def sends_file(
        self,
        kind: str,
        data: bytes,
        *,
        caption: str = "",
        to: Chat | None = None,
        reply_to: Message | None = None,
        size: int | None = -1,
        **details: object,
    ) -> Message:
        """Send a file as "document", "video", "video_note", "voice" or "audio".

        `size` makes Telegram state another one than the true (None: no size at all). `details` add to or
        replace what Telegram says of such a file: file_name, mime_type, duration, title …
        """
        file = self.world.files.keep(kind, data, size=size)
        return self._sends({kind: file.json() | _TYPICAL[kind] | details} | _caption(caption), to, reply_to)

    def presses(
        self,
        message: Message,
        label: str = "",
        *,
        data: str | None = None,
        stale: bool = False,
        gone: bool = False,
    ) -> Press:
        """Press a button by its label, or forge one with `data`.

        `stale`: it reaches the bot too late to be answered. `gone`: the message is too old to be shown.
        """
        press = Press(str(next(self.world.ids)), stale)
        self.world.presses[press.id] = press
        shown = message.json()
        body: Json = {"id": press.id, "from": self.user.json(), "chat_instance": str(message.chat.id)}
        body["message"] = {key: shown[key] for key in ("message_id", "chat")} | {"date": 0} if gone else shown
        body["data"] = message.buttons[label] if data is None else data
        self.world.updates.add("callback_query", body, lane=message.chat.id)
        return press

    def reacts(self, message: Message, *emojis: str) -> None:
        """Set one's reactions to a message; none takes them back. In groups only an admin bot is told."""
        old, new = message.reactions.get(self.user.id, []), list(emojis)
        message.reactions[self.user.id] = new
        body: Json = {"chat": message.chat.json(), "message_id": message.id, "user": self.user.json()}
        body |= {"date": int(time.time()), "old_reaction": _reactions(old), "new_reaction": _reactions(new)}
        if message.chat.kind == "private" or message.chat.bot_status == "administrator":
            self.world.updates.add("message_reaction", body, lane=message.chat.id)

    def blocks_bot(self) -> None:
        change_membership(self.world, self.chat, self.user, "kicked")

    def unblocks_bot(self) -> None:
        change_membership(self.world, self.chat, self.user, "member")

    def _sends(self, content: Json, to: Chat | None, reply_to: Message | None, topic: int | None = None) -> Message:
        chat = to or self.chat
        if chat is self.chat:
            chat.bot_status = "member"  # writing to a bot starts the chat and unblocks it
        message = self.world.say(chat, self.user, content, reply_to=reply_to, topic=topic)
        self.world.tell_bot(message)
        return message


def change_membership(world: World, chat: Chat, by: User, status: BotStatus) -> None:
    """Add, promote, remove or block the bot; it is told in any case."""
    old, chat.bot_status = chat.bot_status, status
    before, after = (member_json(world.bot, each) for each in (old, status))
    change = {"chat": chat.json(), "from": by.json(), "date": int(time.time())}
    body = change | {"old_chat_member": before, "new_chat_member": after}
    world.updates.add("my_chat_member", body, lane=chat.id)


def migrate(world: World, group: Chat, by: User, ids: count[int]) -> Chat:
    """Turn a group into a supergroup: another id, and the old one refuses every request from now on."""
    new = Chat(-1_000_000_000_000 - next(ids), "supergroup", group.name, group.bot_status)
    world.chats[new.id] = new
    left = world.say(group, by, {"migrate_to_chat_id": new.id})
    entered = world.say(new, by, {"migrate_from_chat_id": group.id})
    for message in (left, entered):  # service messages come in privacy mode too
        world.updates.add("message", message.json(), lane=group.id)
    group.migrated_to = new.id
    return new


_TYPICAL: dict[str, Json] = {
    "document": {"file_name": "photo.jpg", "mime_type": "image/jpeg"},
    "video": {"duration": 3, "width": 640, "height": 480, "mime_type": "video/mp4"},
    "video_note": {"duration": 3, "length": 240},
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "audio": {"duration": 3, "file_name": "song.mp3", "mime_type": "audio/mpeg"},
}


def _caption(text: str) -> Json:
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": found} if (found := entities_in(text)) else {})


def _reactions(emojis: list[str]) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji} for emoji in emojis]
