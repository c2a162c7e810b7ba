"""REST v10: the routes a bot calls with its token. Each answers as documented or raises Rejected."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.discord_server.command_limits import check_commands
from tests.discord_server.entities import ADD_REACTIONS, HISTORY, MANAGE_MESSAGES, SEND, Message, User
from tests.discord_server.gateway import Gateway
from tests.discord_server.messages import Messages, read_body
from tests.discord_server.rejections import Rejected, json_response
from tests.discord_server.world import World

NO_CONTENT = 204


class Rest:
    """The bot's own routes. One method a route."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self._world = world
        self._gateway = gateway
        self._messages = messages
        self.typing: list[int] = []

    def routes(self) -> list[web.RouteDef]:
        message = "/channels/{channel}/messages/{message}"
        reaction = message + "/reactions/{emoji}"
        return [
            web.get("/gateway/bot", self.gateway_bot),
            web.get("/users/@me", self.me),
            web.get("/users/{user}", self.user),
            web.post("/users/@me/channels", self.open_dm),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/applications/@me", self.application),
            web.get("/applications/{application}/commands", self.commands),
            web.put("/applications/{application}/commands", self.overwrite_commands),
            web.get("/channels/{channel}", self.channel),
            web.get("/channels/{channel}/messages", self.history),
            web.post("/channels/{channel}/messages", self.create_message),
            web.post("/channels/{channel}/typing", self.type),
            web.get(message, self.message),
            web.patch(message, self.edit_message),
            web.delete(message, self.delete_message),
            web.put(reaction + "/@me", self.add_reaction),
            web.delete(reaction + "/{user}", self.remove_reaction),
        ]

    async def gateway_bot(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        url = self._world.base_url.replace("http", "ws") + "/gateway"
        return json_response({"url": url, "shards": self._gateway.shards, "session_start_limit": limit})

    async def me(self, _request: web.Request) -> web.Response:
        return json_response(self._world.bot.json())

    async def user(self, request: web.Request) -> web.Response:
        return json_response(self._user(request.match_info["user"]).json())

    def _user(self, number: str) -> User:
        found = self._world.users.get(int(number))
        if found is None:
            raise Rejected(10013)
        return found

    async def open_dm(self, request: web.Request) -> web.Response:
        payload, _ = await read_body(request)
        return json_response(self._world.dm(self._user(payload["recipient_id"])).json(self._world.bot))

    async def application(self, _request: web.Request) -> web.Response:
        bot = self._world.bot
        return json_response(
            {
                "id": str(bot.id), "name": bot.name, "icon": None, "description": "", "summary": "",
                "flags": 0, "bot_public": True, "bot_require_code_grant": False, "verify_key": "00" * 32,
                "owner": bot.json(), "integration_types_config": {"0": {}, "1": {}},
            }
        )  # fmt: skip

    async def commands(self, request: web.Request) -> web.Response:
        self._own(request)
        return json_response(self._world.commands)

    async def overwrite_commands(self, request: web.Request) -> web.Response:
        self._own(request)
        payload: Any = (await read_body(request))[0]
        check_commands(payload)
        known = {(c["type"], c["name"]): c["id"] for c in self._world.commands}
        self._world.commands = [self._command(command, known) for command in payload]
        self._world.command_syncs += 1
        return json_response(self._world.commands)

    def _command(self, command: dict[str, Any], known: dict[tuple[int, str], str]) -> dict[str, Any]:
        kind = command.get("type", 1)
        number = known.get((kind, command["name"])) or str(self._world.snowflake())
        version = str(self._world.snowflake())
        own = {"id": number, "type": kind, "application_id": str(self._world.bot.id), "version": version}
        return {"description": "", "default_member_permissions": None, "nsfw": False} | command | own

    def _own(self, request: web.Request) -> None:
        if int(request.match_info["application"]) != self._world.bot.id:
            raise Rejected(20012)

    async def channel(self, request: web.Request) -> web.Response:
        found = self._messages.channel(int(request.match_info["channel"]))
        return json_response(found.json(self._world.bot))

    async def history(self, request: web.Request) -> web.Response:
        channel = self._messages.channel(int(request.match_info["channel"]))
        if channel.denied & HISTORY:
            return json_response([])
        seen = [m for m in self._world.seen_by(self._world.bot, channel) if not m.only_for]
        limit = int(request.query.get("limit", 50))
        return json_response([self._world.message_json(m) for m in reversed(seen[-limit:])])

    async def create_message(self, request: web.Request) -> web.Response:
        channel = self._messages.channel(int(request.match_info["channel"]))
        payload, uploads = await read_body(request)
        return json_response(self._world.message_json(await self._messages.send(channel, payload, uploads)))

    async def type(self, request: web.Request) -> web.Response:
        channel = self._messages.channel(int(request.match_info["channel"]))
        if channel.denied & SEND:
            raise Rejected(50013)
        self.typing.append(channel.id)
        return web.Response(status=NO_CONTENT)

    def _found(self, request: web.Request) -> Message:
        channel = self._messages.channel(int(request.match_info["channel"]))
        return self._messages.find(channel, int(request.match_info["message"]))

    async def message(self, request: web.Request) -> web.Response:
        return json_response(self._world.message_json(self._found(request)))

    async def edit_message(self, request: web.Request) -> web.Response:
        message = self._found(request)
        payload, uploads = await read_body(request)
        if message.author is not self._world.bot:
            raise Rejected(50005)
        return json_response(self._world.message_json(await self._messages.edit(message, payload, uploads)))

    async def delete_message(self, request: web.Request) -> web.Response:
        message = self._found(request)
        may = self._world.permissions(self._world.bot, message.channel) & MANAGE_MESSAGES
        if message.author is not self._world.bot and not may:
            raise Rejected(50013)
        await self._messages.delete(message)
        return web.Response(status=NO_CONTENT)

    async def add_reaction(self, request: web.Request) -> web.Response:
        message = self._found(request)
        if message.channel.denied & (ADD_REACTIONS | HISTORY):
            raise Rejected(50013)
        await self.react(self._world.bot, message, request.match_info["emoji"])
        return web.Response(status=NO_CONTENT)

    async def remove_reaction(self, request: web.Request) -> web.Response:
        message, who = self._found(request), request.match_info["user"]
        user = self._world.bot if who == "@me" else self._user(who)
        if (
            user is not self._world.bot
            and not self._world.permissions(self._world.bot, message.channel) & MANAGE_MESSAGES
        ):
            raise Rejected(50013)
        await self.unreact(user, message, request.match_info["emoji"])
        return web.Response(status=NO_CONTENT)

    async def react(self, user: User, message: Message, emoji: str) -> None:
        """Add a reaction once and send its event."""
        if emoji.isascii():
            raise Rejected(10014)
        users = message.reactions.setdefault(emoji, [])
        if user not in users:
            users.append(user)
            await self._gateway.dispatch_reaction(
                "MESSAGE_REACTION_ADD", message.channel, self._event(user, message, emoji)
            )

    async def unreact(self, user: User, message: Message, emoji: str) -> None:
        """Take a reaction back and send its event."""
        users = message.reactions.get(emoji, [])
        if user in users:
            users.remove(user)
            event = self._event(user, message, emoji)
            event.pop("member", None)
            await self._gateway.dispatch_reaction("MESSAGE_REACTION_REMOVE", message.channel, event)

    def _event(self, user: User, message: Message, emoji: str) -> dict[str, Any]:
        event = {
            "user_id": str(user.id), "channel_id": str(message.channel.id), "message_id": str(message.id),
            "emoji": {"id": None, "name": emoji}, "message_author_id": str(message.author.id), "burst": False,
            "type": 0,
        }  # fmt: skip
        return event | ({"member": self._world.member_json(user)} if message.channel.guild else {})
