"""Discord's addresses. The library keeps both in class attributes, so they are set for the whole process."""

from __future__ import annotations

import discord
import yarl
from discord.gateway import DiscordWebSocket


def use_addresses(*, api_url: str | None, gateway_url: str | None) -> None:
    """Point the library at another server, such as a proxy of one's own; None leaves Discord's address.

    Both are needed for another server: the shards' gateway comes from GET /gateway/bot while their number is
    Discord's to choose, and from DEFAULT_GATEWAY where the number is set.
    """
    if api_url is not None:
        discord.http.Route.BASE = api_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
