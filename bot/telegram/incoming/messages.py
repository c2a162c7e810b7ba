"""What somebody wrote or sent, and where it goes: a selfie, a command, a comment on a song, a hummed melody."""

from __future__ import annotations

from telegram import Message, Update, User
from telegram.ext import ContextTypes

from bot.telegram.incoming.attachments import picture_of
from bot.telegram.incoming.commands import BEGINS_SONGS, FOR_PICTURES, run_typed, understands
from bot.telegram.incoming.context import TelegramContext
from bot.telegram.incoming.melodies import is_melody, melody_of, song_answered
from bot.telegram.incoming.message_entities import mentions, typed_command, without_mention
from bot.telegram.incoming.responses import send_once
from bot.telegram.incoming.selfies import selfie_of
from bot.telegram.origins import PLATFORM, address_of, is_group, key_of, origin_of, read_address, sender_of
from handlers.feedback.ratings import rate
from handlers.feedback.votes import MAX_COMMENT
from handlers.idempotency import mark_seen, was_seen
from handlers.intake.submission import Submission
from handlers.responses import Reply
from handlers.texts import sentence


class Messages:
    """Handles every message that Telegram lets us see."""

    def __init__(self, context: TelegramContext) -> None:
        self._context = context

    async def handle(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message, person = update.message, update.effective_user
        if message is None or person is None or person.is_bot:  # also "somebody" of a group's anonymous admins
            return
        username = self._context.bot.username
        command = typed_command(message, username)
        if self._selfie_is_meant(message, command, username):
            await self._selfie(message, person, command)
        elif command is not None:
            await self._command(message, person, *command)
        elif await is_melody(message, context=self._context):
            await self._receive(melody_of(message, person))
        elif not (message.voice or message.audio):  # such a sound is for other people
            await self._words(message, person)

    def _selfie_is_meant(self, message: Message, command: tuple[str, str] | None, username: str) -> bool:
        """Whether a picture is meant for us: in private each, in a group one with our name or answered with it."""
        if command is not None and command[0] not in FOR_PICTURES:
            return False
        called = command is not None or mentions(message, username)
        if picture_of(message):
            return called or not is_group(message) or self._in_called_album(message)
        answered = message.reply_to_message
        return called and answered is not None and picture_of(answered) is not None

    def _in_called_album(self, message: Message) -> bool:
        """The words stand below one picture of an album; the others belong to it."""
        return self._context.albums.is_arriving(message)

    async def _selfie(self, message: Message, person: User, command: tuple[str, str] | None) -> None:
        """Take the message's own pictures, or those of the message it answers."""
        own = picture_of(message)
        parts = await self._context.albums.whole(message) if own else [message.reply_to_message or message]
        if not parts:
            return  # another part of the album has taken this one along
        words = command[1] if command else _words_of(parts, message)
        words = without_mention(words, self._context.bot.username)
        await self._receive(selfie_of(parts, person, asked=parts[0] if own else message, words=words))

    async def _receive(self, sent: Submission) -> None:
        response = await self._context.intake.receive(sent)
        await send_once(response, to=sent.reply_to, key=sent.key, context=self._context)

    async def _command(self, message: Message, person: User, name: str, rest: str) -> None:
        if not understands(name) and is_group(message):
            return  # another bot's
        if name in BEGINS_SONGS or not await self._known(message):
            await run_typed(name, rest, message, person, context=self._context)
            await self._seen(message)

    async def _words(self, message: Message, person: User) -> None:
        """Keep a reply to a song as a comment on it; answer anything else in private with a hint."""
        song_id = await song_answered(message, context=self._context)
        if song_id is None and is_group(message):
            return
        if not (message.text or message.effective_attachment) or await self._known(message):
            return  # nothing but news of the chat itself
        locale = await self._context.language(person)
        if song_id is None:
            await self._say(message, Reply(sentence(locale, "no_picture")))
        elif message.text:
            origin = origin_of(message, key_of(message), locale)
            comment = message.text[: MAX_COMMENT + 1]
            reply = await rate(song_id, sender_of(person), None, comment, deps=self._context.deps, origin=origin)
            await self._say(message, reply)
        await self._seen(message)

    async def _known(self, message: Message) -> bool:
        """Whether it was answered. A crash before that brings it again; what commands do is safe to do twice."""
        return await was_seen(PLATFORM, key_of(message), deps=self._context.deps)

    async def _seen(self, message: Message) -> bool:
        return await mark_seen(PLATFORM, key_of(message), deps=self._context.deps)

    async def _say(self, message: Message, reply: Reply) -> None:
        await self._context.messenger.send(reply, to=read_address(address_of(message)))


def _words_of(parts: list[Message], asked: Message) -> str:
    captions = [part.caption for part in parts if part.caption]
    return captions[0] if captions and asked in parts else asked.text or ""
