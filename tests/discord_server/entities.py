"""What exists on Discord's end: users, guilds, channels, files, messages, and the bits they carry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

TEXT_CHANNEL, DM = 0, 1
MIB = 1024 * 1024
EPHEMERAL, LOADING = 1 << 6, 1 << 7

ADMINISTRATOR = 1 << 3
VIEW, SEND, MANAGE_MESSAGES, EMBED, ATTACH, HISTORY = (1 << bit for bit in (10, 11, 13, 14, 15, 16))
ADD_REACTIONS, USE_COMMANDS = 1 << 6, 1 << 31
EVERYONE = VIEW | SEND | EMBED | ATTACH | HISTORY | ADD_REACTIONS | USE_COMMANDS
FILE_LIMIT_BY_TIER = (10 * MIB, 10 * MIB, 50 * MIB, 100 * MIB)
GUILD_INSTALL, USER_INSTALL = 0, 1


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

    @property
    def features(self) -> list[str]:
        """A server that speaks anything but en-US has chosen so, which only communities can."""
        return ["COMMUNITY"] if self.locale != "en-US" else []


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
