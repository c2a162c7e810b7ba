"""Who and what exists: users, guilds, channels, messages, commands, and how Discord writes them as JSON.

The human's hands and the REST routes change it; tests read it to see what a person would see.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server.clock import Clock
from tests.discord_server.rejections import Violation

EPOCH_MS = 1_420_070_400_000
TEXT_CHANNEL, DM = 0, 1
MIB = 1024 * 1024
EPHEMERAL, LOADING = 1 << 6, 1 << 7

ADMINISTRATOR = 1 << 3
VIEW, SEND, MANAGE_MESSAGES, EMBED, ATTACH, HISTORY = (1 << bit for bit in (10, 11, 13, 14, 15, 16))
ADD_REACTIONS, USE_COMMANDS = 1 << 6, 1 << 31
EVERYONE = VIEW | SEND | EMBED | ATTACH | HISTORY | ADD_REACTIONS | USE_COMMANDS
FILE_LIMIT_BY_TIER = (10 * MIB, 10 * MIB, 50 * MIB, 100 * MIB)
GUILD_INSTALL, USER_INSTALL = 0, 1
DAY_S = 86_400


@dataclass(eq=False)
class User:
    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False
    dms_closed: bool = False
    installed: bool = False

    def json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False)
class Guild:
    """A server. `premium_tier` 2 and 3 raise the upload limit, as boosts do."""

    id: int
    name: str
    owner: User
    locale: str
    has_bot: bool
    premium_tier: int = 0
    moderators: set[User] = field(default_factory=set)
    members: list[User] = field(default_factory=list)


@dataclass(eq=False)
class Channel:
    """A text channel, or a DM with `recipient`. `denied` are permission bits the bot lacks here."""

    id: int
    name: str
    guild: Guild | None = None
    recipient: User | None = None
    denied: int = 0
    deleted: bool = False

    @property
    def file_limit(self) -> int:
        """Bytes one uploaded file may have here."""
        return FILE_LIMIT_BY_TIER[self.guild.premium_tier if self.guild else 0]

    def json(self, bot: User) -> dict[str, Any]:
        if self.guild is None:
            recipients = [self.recipient.json()] if self.recipient else []
            return {
                "id": str(self.id),
                "type": DM,
                "recipients": recipients,
                "last_message_id": None,
                "flags": 0,
            }
        deny = {"id": str(bot.id), "type": 1, "allow": "0", "deny": str(self.denied)}
        return {
            "id": str(self.id),
            "type": TEXT_CHANNEL,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "permission_overwrites": [deny] if self.denied else [],
        }


@dataclass(eq=False)
class Attachment:
    id: int
    filename: str
    data: bytes
    content_type: str
    description: str | None = None


@dataclass(eq=False)
class Message:
    """A message as Discord keeps it; `only_for` is who sees an ephemeral one."""

    id: int
    channel: Channel
    author: User
    created_at: float
    content: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    reactions: dict[str, list[User]] = field(default_factory=dict)
    reply_to: Message | None = None
    nonce: str | None = None
    flags: int = 0
    only_for: User | None = None
    edited_at: float | None = None
    edits: int = 0
    deleted: bool = False
    allowed_mentions: dict[str, Any] | None = None
    interaction_id: int | None = None

    @property
    def pings_everyone(self) -> bool:
        """Say whether the text would ping @everyone or @here: with no allowed_mentions, everything pings."""
        parse = ["everyone"] if self.allowed_mentions is None else self.allowed_mentions.get("parse", [])
        return "everyone" in parse and re.search("@(everyone|here)", self.content) is not None

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The buttons and menus, row by row."""
        return [part for row in self.components for part in row["components"]]


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
            m
            for m in self.messages.values()
            if m.channel is channel and not m.deleted and m.only_for in (None, user)
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
            "emojis": [], "stickers": [], "features": [], "threads": [], "voice_states": [], "presences": [],
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
