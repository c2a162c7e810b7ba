"""Discord's end of the network for the tests: REST v10 and gateway v10 on a local port, and a person's hands.

    async with DiscordServer().running() as discord_end: ...

The unmodified library connects to `api_url` and `gateway_url`. Whatever Discord's documentation says Discord
checks is checked here, refused with Discord's status and code, and kept in `violations`.
"""

from tests.discord_server.client_rules import NotOffered
from tests.discord_server.entities import Channel, Guild, Message, User
from tests.discord_server.faults import (
    Bucket,
    brings_files,
    cut_after,
    cut_before,
    fails,
    held,
    rate_limited,
    refuses,
    silent_after,
)
from tests.discord_server.interactions import Interaction
from tests.discord_server.server import DiscordServer
from tests.discord_server.user_client import File, UserClient

__all__ = [
    "Bucket",
    "Channel",
    "DiscordServer",
    "File",
    "Guild",
    "Interaction",
    "Message",
    "NotOffered",
    "User",
    "UserClient",
    "brings_files",
    "cut_after",
    "cut_before",
    "fails",
    "held",
    "rate_limited",
    "refuses",
    "silent_after",
]
