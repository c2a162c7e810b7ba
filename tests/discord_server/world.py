"""Who and what exists, and how Discord writes it as JSON.

The human's hands and the REST routes change it; tests read it to see what a person would see.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from tests.discord_server.clock import Clock
from tests.discord_server.entities import (
    ADMINISTRATOR,
    EVERYONE,
    MANAGE_MESSAGES,
    Attachment,
    Channel,
    Guild,
    Message,
    User,
)
from tests.discord_server.rejections import Violation

EPOCH_MS = 1_420_070_400_000
DAY_S = 86_400


class World:
    """All of it, and the ids: snowflakes that carry the clock's time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.base_url = ""
        self._counter = 0
        self._secret = b"attachment signatures"
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.files: dict[int, Attachment] = {}
        self.commands: list[dict[str, Any]] = []
        self.command_syncs = 0
        self.violations: list[Violation] = []
        self.bot = self.user("selfietune", bot=True)

    def snowflake(self) -> int:
        self._counter += 1
        return (int(self.clock.now() * 1000) - EPOCH_MS << 22) | (self._counter & 0x3FFFFF)

    def user(self, name: str, *, locale: str = "en-US", bot: bool = False) -> User:
        made = User(self.snowflake(), name, locale, bot)
        self.users[made.id] = made
        return made

    def guild(
        self, name: str, *, owner: User, members: tuple[User, ...] = (), locale: str = "en-US",
        shard: tuple[int, int] | None = None, has_bot: bool = True,
    ) -> Guild:  # fmt: skip
        """Found a guild; shard=(k, n) picks an id that shard k of n serves."""
        number = self.snowflake()
        if shard is not None:
            number += ((shard[0] - (number >> 22)) % shard[1]) << 22
        people = [owner, *members] + ([self.bot] if has_bot else [])
        made = Guild(number, name, owner, locale, has_bot, members=people)
        self.guilds[number] = made
        return made

    def channel(self, guild: Guild, name: str) -> Channel:
        made = Channel(self.snowflake(), name, guild)
        self.channels[made.id] = made
        return made

    def dm(self, user: User) -> Channel:
        """The DM channel between the user and the bot; the same one each time."""
        for channel in self.channels.values():
            if channel.recipient is user and not channel.deleted:
                return channel
        made = Channel(self.snowflake(), "", None, user)
        self.channels[made.id] = made
        return made

    def seen_by(self, user: User, channel: Channel) -> list[Message]:
        """The messages a person sees in a channel, oldest first."""
        return [
            m for m in self.messages.values() if m.channel is channel and not m.deleted and m.only_for in (None, user)
        ]

    def permissions(self, user: User, channel: Channel) -> int:
        """Permission bits as Discord computes them for a member in a channel."""
        if channel.guild is None:
            return EVERYONE
        if user is channel.guild.owner:
            return EVERYONE | ADMINISTRATOR | MANAGE_MESSAGES
        held = EVERYONE | (MANAGE_MESSAGES if user in channel.guild.moderators else 0)
        return held & ~channel.denied if user is self.bot else held

    def member_json(self, user: User, channel: Channel | None = None) -> dict[str, Any]:
        member: dict[str, Any] = {
            "user": user.json(), "nick": None, "avatar": None, "roles": [], "joined_at": self.clock.iso(),
            "premium_since": None, "deaf": False, "mute": False, "flags": 0, "pending": False,
        }  # fmt: skip
        if channel is not None:
            member["permissions"] = str(self.permissions(user, channel))
        return member

    def guild_json(self, guild: Guild) -> dict[str, Any]:
        everyone = {
            "id": str(guild.id), "name": "@everyone", "permissions": str(EVERYONE), "position": 0, "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
        }  # fmt: skip
        channels = [c.json(self.bot) for c in self.channels.values() if c.guild is guild and not c.deleted]
        return {
            "id": str(guild.id), "name": guild.name, "owner_id": str(guild.owner.id), "unavailable": False,
            "preferred_locale": guild.locale, "premium_tier": guild.premium_tier, "roles": [everyone],
            "channels": channels, "members": [self.member_json(self.bot)], "member_count": len(guild.members),
            "emojis": [], "stickers": [], "features": guild.features, "threads": [], "voice_states": [],
            "presences": [],
            "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [], "large": False,
            "joined_at": self.clock.iso(), "icon": None,
        }  # fmt: skip

    def attachment_url(self, channel: Channel, attachment: Attachment) -> str:
        """Sign a URL that ends after a day; every look at the message signs a new one."""
        path = f"/attachments/{channel.id}/{attachment.id}/{attachment.filename}"
        issued = int(self.clock.now())
        ends = f"{issued + DAY_S:x}"
        return f"{self.base_url}{path}?ex={ends}&is={issued:x}&hm={self.signature(path, ends)}&"

    def signature(self, path: str, ends: str) -> str:
        return hmac.new(self._secret, f"{path} {ends}".encode(), hashlib.sha256).hexdigest()

    def attachment_json(self, channel: Channel, attachment: Attachment) -> dict[str, Any]:
        url = self.attachment_url(channel, attachment)
        return {
            "id": str(attachment.id), "filename": attachment.filename, "size": len(attachment.data),
            "url": url, "proxy_url": url, "content_type": attachment.content_type,
        } | ({"description": attachment.description} if attachment.description else {})  # fmt: skip

    def message_json(self, message: Message, *, depth: int = 1) -> dict[str, Any]:
        """Write a message whole; the gateway empties it for those who may not read it."""
        body: dict[str, Any] = {
            "id": str(message.id), "channel_id": str(message.channel.id), "author": message.author.json(),
            "content": message.content, "timestamp": self.clock.iso(message.created_at),
            "edited_timestamp": self.clock.iso(message.edited_at) if message.edited_at else None,
            "tts": False, "mention_everyone": message.pings_everyone, "mention_roles": [], "pinned": False,
            "mentions": [user.json() for user in message.mentions], "embeds": message.embeds,
            "attachments": [self.attachment_json(message.channel, a) for a in message.attachments],
            "components": message.components, "type": 19 if message.reply_to else 0, "flags": message.flags,
            "reactions": [
                {"emoji": {"id": None, "name": emoji}, "count": len(users), "me": self.bot in users,
                 "me_burst": False, "burst_colors": [], "count_details": {"normal": len(users), "burst": 0}}
                for emoji, users in message.reactions.items() if users
            ],
        }  # fmt: skip
        if message.nonce is not None:
            body["nonce"] = message.nonce
        if message.reply_to is not None:
            origin = message.reply_to
            body["message_reference"] = {
                "type": 0,
                "message_id": str(origin.id),
                "channel_id": str(origin.channel.id),
            }
            if depth:
                gone = origin.deleted
                body["referenced_message"] = None if gone else self.message_json(origin, depth=0)
        return body
