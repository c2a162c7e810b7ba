"""The gateway's messages and reactions become selfies, votes and hints."""

from __future__ import annotations

import asyncio
import logging
import re

import discord
from discord.ext import commands

from bot.card_loop import CardLoop
from bot.discord.api_errors import CONNECTION_ERRORS
from bot.discord.connection import Connection
from bot.discord.in_flight import InFlightTasks
from bot.discord.incoming.attachments import pictures_of
from bot.discord.incoming.melodies import is_melody, melody_of
from bot.discord.incoming.missed_messages import LastSeenMessages
from bot.discord.incoming.selfies import selfie_of
from bot.discord.origins import PLATFORM, address_of_message, guild_id_of, is_shared, language_here, sender_of
from bot.discord.outgoing.messenger import send
from bot.discord.outgoing.views import plain, view_of
from handlers.commands.dispatch import run_command
from handlers.deps import Deps
from handlers.events import Origin, Sender
from handlers.feedback.reactions import count_reaction
from handlers.intake.receive import Intake
from handlers.ports import ChatLater
from handlers.preferences.language import language_of
from handlers.responses import Reply, Response

log = logging.getLogger(__name__)

THUMBS = ("👍", "👎")  # skin tones follow them


class GatewayEvents(commands.Cog):
    """Listens to messages in DMs, to mentions, to the named channels, and to thumbs under songs."""

    def __init__(
        self,
        *,
        connection: Connection,
        deps: Deps,
        intake: Intake,
        cards: CardLoop,
        last_seen: LastSeenMessages,
        in_flight: InFlightTasks,
        channels: frozenset[str],
    ) -> None:
        self._connection = connection
        self._deps = deps
        self._intake = intake
        self._cards = cards
        self._last_seen = last_seen
        self._in_flight = in_flight
        self._channels = channels  # names or ids of channels where every picture is a selfie

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take a person's pictures where they are meant for us."""
        if message.author.bot or message.webhook_id or not self._for_us(message):
            return
        self._in_flight.note()
        self._last_seen.note(message)
        words = without_mentions(message.content)
        if pictures_of(message.attachments):
            await self._respond(message, await self._intake.receive(selfie_of(message, note=words)))
        elif await is_melody(message, words, deps=self._deps):
            await self._respond(message, await self._intake.receive(melody_of(message)))
        elif self._wants_word(message):
            await self._help(message)

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """Read the messages from before a new session, which Discord does not deliver."""
        self._in_flight.note()
        last_seen = self._last_seen.before()  # now: the new session's own messages come by themselves
        before = {**await self._last_seen.load(), **last_seen}
        missed = [message async for message in self._last_seen.missed(self._connection, shard_id, before)]
        for error in await asyncio.gather(*map(self.on_message, missed), return_exceptions=True):
            if isinstance(error, Exception):
                log.error("a missed message was not heard", exc_info=error)

    def _for_us(self, message: discord.Message) -> bool:
        return guild_id_of(message) is None or self._mentioned(message) or self._in_named_channel(message)

    def _mentioned(self, message: discord.Message) -> bool:
        me = self._connection.client.user
        return me is not None and any(each.id == me.id for each in message.mentions)

    def _in_named_channel(self, message: discord.Message) -> bool:
        names = {str(message.channel.id), getattr(message.channel, "name", None)}
        return not names.isdisjoint(self._channels)

    def _wants_word(self, message: discord.Message) -> bool:
        """Whether a message without a picture is meant for us: a DM, or one with our name written out."""
        me = self._connection.client.user
        if guild_id_of(message) is None:
            return True
        return me is not None and re.search(rf"<@!?{me.id}>", message.content) is not None

    async def _help(self, message: discord.Message) -> None:
        address, by = address_of_message(message), sender_of(message.author)
        locale = await language_of(by, language_here(message), deps=self._deps)
        origin = Origin(address["place"], address, str(message.id), locale, in_group=is_shared(address))
        await self._respond(message, await run_command("help", {}, by, deps=self._deps, origin=origin))

    async def _respond(self, message: discord.Message, response: Response) -> None:
        """Show the card of the song that was begun, or say why there is none."""
        if response.song_id is not None:
            await self._cards.show_now(response.song_id)
        if response.reply is not None:
            await self._say(message, response.reply)

    async def _say(self, message: discord.Message, reply: Reply) -> None:
        """Answer a message with a message, once, however often its event comes."""
        address = address_of_message(message)
        view = view_of(reply.buttons) if reply.buttons else None
        try:
            channel = self._connection.channel(address)
            nonce = f"say-{message.id}"
            await send(channel, nonce=nonce, reply_to=address["message"], content=plain(reply.text), view=view)
        except (discord.HTTPException, ChatLater, *CONNECTION_ERRORS) as error:
            log.warning("an answer was not said: %r", error)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await self._react(event, added=True)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await self._react(event, added=False)

    async def _react(self, event: discord.RawReactionActionEvent, *, added: bool) -> None:
        """Count a thumb under a message of ours; the events for old messages come too."""
        emoji, me = str(event.emoji), self._connection.client.user
        ours = me is not None and event.message_author_id in (None, me.id) and event.user_id != me.id
        if not ours or not emoji.startswith(THUMBS) or (event.member is not None and event.member.bot):
            return
        name = event.member.name if event.member else await self._name(event.user_id)
        by = Sender(PLATFORM, str(event.user_id), name)
        await count_reaction(by, str(event.message_id), emoji, added=added, deps=self._deps)

    async def _name(self, user_id: int) -> str:
        """Find a person's name: events of direct messages, and of removed reactions, carry none."""
        known = self._connection.client.get_user(user_id)
        try:
            return (known or await self._connection.client.fetch_user(user_id)).name
        except (discord.HTTPException, *CONNECTION_ERRORS):
            return str(user_id)


def without_mentions(content: str) -> str:
    """Give what somebody wrote besides names."""
    return re.sub(r"<@[!&]?\d+>", "", content).strip()
