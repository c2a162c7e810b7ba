"""Interactions: what a person's click sends, and the callback and webhook routes that answer it.

The first answer has 3 s, the token lives 15 min, both by the server's clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord_server.command_limits import check_choice
from tests.discord_server.entities import EPHEMERAL, LOADING, Channel, Message, User
from tests.discord_server.gateway import Gateway
from tests.discord_server.message_limits import check_count, check_message, check_modal
from tests.discord_server.messages import Messages, Uploads, read_body
from tests.discord_server.rejections import Rejected, json_response
from tests.discord_server.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWERS = {
    COMMAND: {REPLY, DEFER_REPLY, MODAL},
    COMPONENT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE},
}
FIRST_ANSWER_S = 3
TOKEN_S = 15 * 60
FOLLOWUPS_WITHOUT_GUILD_INSTALL = 5


@dataclass(eq=False)
class Interaction:
    """One click or command, and all that came back for it. `answer` is the first answer's type."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    created_at: float
    message: Message | None
    answer: int | None = None
    answered_after: float = 0.0
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None

    @property
    def bot_is_installed_here(self) -> bool:
        return self.channel.guild is None or self.channel.guild.has_bot

    @property
    def shown(self) -> list[Message]:
        """What the person sees for it: messages written by now."""
        own = [self.original] if self.original and self.original is not self.message else []
        return [m for m in (*own, *self.followups) if not m.deleted and not m.flags & LOADING]


class Interactions:
    """Opens interactions and serves their routes."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self._world = world
        self._gateway = gateway
        self._messages = messages
        self.all: list[Interaction] = []

    async def open(
        self, user: User, channel: Channel, kind: int, data: dict[str, Any], *, message: Message | None = None
    ) -> Interaction:
        """Send INTERACTION_CREATE to the channel's shard."""
        now = self._world.clock.now()
        made = Interaction(self._world.snowflake(), secrets.token_hex(24), kind, user, channel, now, message)
        self.all.append(made)
        await self._gateway.dispatch("INTERACTION_CREATE", self._json(made, data), guild=channel.guild)
        return made

    def _json(self, made: Interaction, data: dict[str, Any]) -> dict[str, Any]:
        channel, guild, bot = made.channel, made.channel.guild, self._world.bot
        owners: dict[str, str] = {"0": str(guild.id) if guild else "0"} if made.bot_is_installed_here else {}
        if made.user.installed:
            owners["1"] = str(made.user.id)
        body: dict[str, Any] = {
            "id": str(made.id), "application_id": str(bot.id), "type": made.kind, "data": data,
            "token": made.token, "version": 1, "channel_id": str(channel.id), "channel": channel.json(bot),
            "locale": made.user.locale, "entitlements": [], "authorizing_integration_owners": owners,
            "context": 0 if guild else 1,
            "attachment_size_limit": channel.file_limit,
            "app_permissions": str(self._world.permissions(bot, channel)),
        }  # fmt: skip
        if guild is None:
            body["channel"].pop("recipients")  # Discord leaves them out here
            body["user"] = made.user.json()
        else:
            body["guild_id"] = str(guild.id)
            body["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": guild.features}
            body["guild_locale"] = guild.locale
            body["member"] = self._world.member_json(made.user, channel)
        if made.message is not None:
            body["message"] = self._world.message_json(made.message)
        return body

    async def callback(self, request: web.Request) -> web.Response:
        """POST /interactions/{id}/{token}/callback."""
        made = next((i for i in self.all if i.token == request.match_info["token"]), None)
        if made is None or made.id != int(request.match_info["interaction"]):
            raise Rejected(10062)
        payload, uploads = await read_body(request)
        if made.answer is not None:
            raise Rejected(40060)
        late = self._world.clock.now() - made.created_at
        if late > FIRST_ANSWER_S:
            raise Rejected(10062)
        if payload["type"] not in ANSWERS[made.kind] or self._updates_nothing(made, payload["type"]):
            raise Rejected(50035, field="type", reason="INTERACTION_RESPONSE_TYPE_INVALID")
        made.answer, made.answered_after = payload["type"], late  # before anything waits: there is one first
        try:
            await self._answer(made, payload["type"], payload.get("data") or {}, uploads)
        except Rejected:
            made.answer = None
            raise
        if request.query.get("with_response") not in ("1", "true"):
            return web.Response(status=204)
        return json_response(self._callback_json(made))

    @staticmethod
    def _updates_nothing(made: Interaction, answer: int) -> bool:
        return answer in (DEFER_UPDATE, UPDATE) and made.message is None

    async def _answer(self, made: Interaction, answer: int, data: dict[str, Any], uploads: Uploads) -> None:
        if answer == REPLY:
            check_message(data)
            made.original = await self._write(made, data, uploads, flags=data.get("flags", 0))
        elif answer == DEFER_REPLY:
            made.original = await self._write(made, {}, {}, flags=data.get("flags", 0) | LOADING)
        elif answer in (DEFER_UPDATE, UPDATE):
            made.original = made.message
            if answer == UPDATE and made.message is not None:
                await self._messages.edit(made.message, data, uploads)
        elif answer == CHOICES:
            check_count(data["choices"], "data.choices", 25)
            for n, choice in enumerate(data["choices"]):
                check_choice(choice, f"data.choices.{n}")
            made.choices = data["choices"]
        else:
            check_modal(data)
            made.modal = data

    async def _write(self, made: Interaction, data: dict[str, Any], uploads: Uploads, *, flags: int) -> Message:
        return await self._messages.write(
            made.channel,
            self._world.bot,
            data | {"flags": flags},
            uploads,
            only_for=made.user if flags & EPHEMERAL else None,
            interaction_id=made.id,
        )

    def _callback_json(self, made: Interaction) -> dict[str, Any]:
        body: dict[str, Any] = {"interaction": {"id": str(made.id), "type": made.kind}}
        if made.original is not None:
            body["interaction"] |= {
                "response_message_id": str(made.original.id),
                "response_message_loading": bool(made.original.flags & LOADING),
                "response_message_ephemeral": made.original.only_for is not None,
            }
            if made.answer in (REPLY, UPDATE):
                body["resource"] = {"type": made.answer, "message": self._world.message_json(made.original)}
        return body

    def _of_webhook(self, request: web.Request) -> Interaction:
        """Find the interaction behind a webhook route: known, younger than 15 minutes, answered."""
        made = next((i for i in self.all if i.token == request.match_info["token"]), None)
        if made is None or int(request.match_info["application"]) != self._world.bot.id:
            raise Rejected(50027)
        if self._world.clock.now() - made.created_at > TOKEN_S:
            raise Rejected(50027)
        if made.answer is None:
            raise Rejected(10015)
        return made

    async def follow_up(self, request: web.Request) -> web.Response:
        """POST /webhooks/{application}/{token}: the first after a deferral fills the deferred message."""
        made = self._of_webhook(request)
        payload, uploads = await read_body(request)
        check_message(payload)
        if not made.bot_is_installed_here and len(made.followups) >= FOLLOWUPS_WITHOUT_GUILD_INSTALL:
            raise Rejected(40094)
        if made.original is not None and made.original.flags & LOADING and not made.original.deleted:
            message = await self._messages.edit(made.original, payload | {"flags": 0}, uploads)
        else:
            message = await self._write(made, payload, uploads, flags=payload.get("flags", 0))
            made.followups.append(message)
        return json_response(self._world.message_json(message))

    def _message(self, request: web.Request, made: Interaction) -> Message:
        name = request.match_info["message"]
        candidates = [made.original] if name == "@original" else [*made.followups, made.original]
        for message in candidates:
            if message and not message.deleted and name in ("@original", str(message.id)):
                return message
        raise Rejected(10008)

    async def get(self, request: web.Request) -> web.Response:
        """GET …/messages/{@original or id}."""
        return json_response(self._world.message_json(self._message(request, self._of_webhook(request))))

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH …/messages/{@original or id}."""
        message = self._message(request, self._of_webhook(request))
        payload, uploads = await read_body(request)
        return json_response(self._world.message_json(await self._messages.edit(message, payload, uploads)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE …/messages/{@original or id}."""
        await self._messages.delete(self._message(request, self._of_webhook(request)))
        return web.Response(status=204)
