"""Discord within the chat process: keeps a client connected, delivers songs, keeps cards and counts up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import discord

from bot.card_loop import CardLoop
from bot.chat_service import serve_chat
from bot.discord.api_urls import use_addresses
from bot.discord.connection import Connection
from bot.discord.in_flight import InFlightTasks
from bot.discord.incoming.attachments import DiscordAttachments
from bot.discord.incoming.client import Shards, SongBot
from bot.discord.incoming.gateway_events import GatewayEvents
from bot.discord.incoming.interactions import Interactions
from bot.discord.incoming.missed_messages import LastSeenMessages
from bot.discord.interaction_tokens import InteractionReplies
from bot.discord.origins import PLATFORM
from bot.discord.outgoing.chat import DiscordChat
from bot.discord.outgoing.status_cards import StatusCards
from bot.errors import UserError
from bot.settings import Settings
from bot.wiring import Process
from handlers.intake.receive import Intake

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0


async def serve_discord(
    settings: Settings, process: Process, *, first_pause_s: float = FIRST_PAUSE_S, **options: Any
) -> None:
    """Serve Discord until cancelled; UserError when Discord refuses us. options go to the client."""
    assert settings.discord_token is not None
    use_addresses(api_url=settings.discord_api_url, gateway_url=settings.discord_gateway_url)
    connection, deps = Connection(), process.deps
    channels = frozenset(settings.selfie_channel_names)
    shards = Shards(settings.shard_ids, settings.discord_shard_count)
    async with aiohttp.ClientSession() as session:
        in_flight = InFlightTasks()
        replies = InteractionReplies(connection, deps=deps)
        messages = StatusCards(connection, deps=deps, replies=replies, in_flight=in_flight)
        cards = CardLoop(messages, platform=PLATFORM, deps=deps, may_change=messages.may_change)
        intake = Intake(DiscordAttachments(session), deps=deps)
        last_seen = LastSeenMessages(f"discord-heard:{settings.discord_shard_ids or 'all'}", deps=deps)
        interactions = Interactions(deps=deps, intake=intake, cards=cards, in_flight=in_flight)

        def client() -> SongBot:
            hearing = GatewayEvents(
                connection=connection,
                deps=deps,
                intake=intake,
                cards=cards,
                last_seen=last_seen,
                in_flight=in_flight,
                channels=channels,
            )
            return SongBot(
                deps=deps,
                connection=connection,
                interactions=interactions,
                hearing=hearing,
                channels=channels,
                shards=shards,
                in_flight=in_flight,
                **options,
            )

        token = settings.discord_token.get_secret_value()
        chat = DiscordChat(connection, deps=deps, replies=replies)
        connected = keep_connected(client, token, first_pause_s=first_pause_s)
        await serve_chat(chat, cards, process, connected, last_seen.keep_saving())


async def keep_connected(make: Callable[[], SongBot], token: str, *, first_pause_s: float) -> None:
    """Connect with a new client whenever one gives up, which the library's does when its first connection fails."""
    pause_s = first_pause_s
    while True:
        client = make()
        began = asyncio.get_running_loop().time()
        try:
            async with client:
                await client.start(token)
        except discord.LoginFailure as error:
            raise UserError("discord_token_refused") from error
        except discord.PrivilegedIntentsRequired as error:
            raise UserError("discord_intent_missing") from error
        except Exception as error:  # noqa: BLE001  whatever it was: a bot that is away is worse
            log.warning("Discord is away, trying again: %r", error)
        if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
            pause_s = first_pause_s
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
