"""Gateway v10: sessions, heartbeats, events by shard and intent, RESUME with replay, broken connections."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord_server.entities import VIEW, Channel, Guild, Message
from tests.discord_server.rejections import Violation
from tests.discord_server.sessions import Connection, Session
from tests.discord_server.world import World

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
INVALID_SESSION, HELLO, ACK = 9, 10, 11
GUILDS, GUILD_MEMBERS, PRESENCES, GUILD_MESSAGES, GUILD_REACTIONS = 1 << 0, 1 << 1, 1 << 8, 1 << 9, 1 << 10
DIRECT_MESSAGES, DIRECT_REACTIONS, MESSAGE_CONTENT = 1 << 12, 1 << 13, 1 << 15
PRIVILEGED = GUILD_MEMBERS | PRESENCES | MESSAGE_CONTENT
ALL_INTENTS = (1 << 26) - 1


class Closed(Exception):
    """Ends a connection with one of the gateway's close codes."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Gateway:
    """The gateway's end of all connections, and what a test can do to them."""

    def __init__(self, world: World, *, token: str, shards: int, heartbeat_s: float) -> None:
        self._world = world
        self._token = token
        self.shards = shards
        self.heartbeat_s = heartbeat_s
        self.patience_s = 2 * heartbeat_s
        self.privileged_allowed = 0
        self.refuse_next = 0
        self.heartbeats = 0
        self.paths: list[str] = []
        self.close_codes: list[int] = []
        self.sessions: list[Session] = []

    @property
    def live(self) -> list[Session]:
        """Sessions with a connection that is up."""
        return [session for session in self.sessions if session.alive and session.connected]

    async def cut(self) -> None:
        """Cut all connections; sessions can be resumed."""
        for session in self.live:
            if session.connection is not None:
                session.connection.cut()
            session.connection = None

    async def ask_to_reconnect(self) -> None:
        """Send op 7."""
        for session in self.live:
            assert session.connection is not None
            await session.connection.send({"op": RECONNECT, "d": None})

    async def invalidate(self) -> None:
        """End all sessions with op 9; what happens meanwhile is lost, as on Discord."""
        for session in self.live:
            session.alive = False
            assert session.connection is not None
            await session.connection.send({"op": INVALID_SESSION, "d": False})

    async def redeliver(self, event: str) -> None:
        """Deliver each session's last event of this name once more."""
        for session in self.live:
            for payload in [p for p in session.sent if p["t"] == event][-1:]:
                await session.dispatch(event, payload["d"])

    async def dispatch(self, event: str, data: dict[str, Any], *, guild: Guild | None, intent: int = 0) -> None:
        """Send an event to the sessions of its shard that asked for such events; a DM is shard 0's."""
        for session in self._audience(guild, intent):
            await session.dispatch(event, data)

    def _audience(self, guild: Guild | None, intent: int) -> list[Session]:
        asked = [s for s in self.sessions if s.alive and s.intents & intent == intent]
        return [s for s in asked if s.shard[0] == ((guild.id >> 22) % s.shard[1] if guild else 0)]

    async def dispatch_message(self, event: str, message: Message) -> None:
        """Send a message's event, emptied for sessions that may not read what they were not told."""
        guild, bot = message.channel.guild, self._world.bot
        if message.only_for is not None or not self._sees(message.channel):
            return
        body = self._world.message_json(message)
        if guild:
            body |= {"guild_id": str(guild.id), "member": self._world.member_json(message.author)}
        told = guild is None or bot in message.mentions or message.author is bot
        hidden = body if told else body | {"content": "", "attachments": [], "embeds": [], "components": []}
        for session in self._audience(guild, GUILD_MESSAGES if guild else DIRECT_MESSAGES):
            await session.dispatch(event, body if session.intents & MESSAGE_CONTENT else hidden)

    @staticmethod
    def _sees(channel: Channel) -> bool:
        return channel.guild is None or (channel.guild.has_bot and not channel.denied & VIEW)

    async def dispatch_reaction(self, event: str, channel: Channel, data: dict[str, Any]) -> None:
        """Send MESSAGE_REACTION_ADD or _REMOVE."""
        if not self._sees(channel):
            return
        if channel.guild is not None:
            data |= {"guild_id": str(channel.guild.id)}
        intent = GUILD_REACTIONS if channel.guild else DIRECT_REACTIONS
        await self.dispatch(event, data, guild=channel.guild, intent=intent)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Speak with one connection until it ends."""
        self.paths.append(request.path)
        if self.refuse_next > 0:
            self.refuse_next -= 1
            return web.Response(status=503)
        # Deflate frames are none of the gateway's: it has its own compression over the whole stream.
        socket = web.WebSocketResponse(compress=False, max_msg_size=4096)
        await socket.prepare(request)
        stream = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        connection = Connection(request, socket, stream)
        try:
            await self._converse(connection)
        except Closed as end:
            self._world.violations.append(Violation(end.code, "gateway", str(end)))
            await socket.close(code=end.code, message=str(end).encode())
        return socket

    async def _converse(self, connection: Connection) -> None:
        if (connection.request.query.get("v"), connection.request.query.get("encoding")) != ("10", "json"):
            raise Closed(4012, "Invalid API version.")
        await connection.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_s * 1000)}})
        session: Session | None = None
        while (frame := await self._receive(connection)) is not None:
            session = await self._hear(connection, session, frame["op"], frame["d"])
        self.close_codes.append(connection.socket.close_code or 1006)
        if session is not None and connection.socket.close_code in (1000, 1001):
            session.alive = False

    async def _receive(self, connection: Connection) -> dict[str, Any] | None:
        """Wait for the next payload, but give a client up that misses two heartbeats."""
        try:
            async with asyncio.timeout(self.patience_s):
                frame = await connection.socket.receive()
        except TimeoutError as error:
            raise Closed(4009, "Session timed out.") from error
        if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            return None
        try:
            payload: dict[str, Any] = json.loads(frame.data)
        except ValueError as error:
            raise Closed(4002, "Decode error.") from error
        return payload

    async def _hear(self, connection: Connection, session: Session | None, op: int, data: Any) -> Session | None:
        if op == HEARTBEAT:
            self.heartbeats += 1
            await connection.send({"op": ACK, "d": None})
        elif op in (IDENTIFY, RESUME) and session is not None:
            raise Closed(4005, "Already authenticated.")
        elif op == IDENTIFY:
            return await self._identify(connection, data)
        elif op == RESUME:
            return await self._resume(connection, data)
        elif session is None:
            raise Closed(4003, "Not authenticated.")
        elif op not in (PRESENCE, VOICE):
            raise Closed(4001, f"Unknown opcode {op}.")
        return session

    def _check_token(self, token: str) -> None:
        if token != self._token:
            raise Closed(4004, "Authentication failed.")

    async def _identify(self, connection: Connection, data: dict[str, Any]) -> Session:
        self._check_token(data["token"])
        shard, count = data.get("shard", (0, 1))
        if not 0 <= shard < count:
            raise Closed(4010, "Invalid shard.")
        if not 0 <= data["intents"] <= ALL_INTENTS:
            raise Closed(4013, "Invalid intent(s).")
        if data["intents"] & PRIVILEGED & ~self.privileged_allowed:
            raise Closed(4014, "Disallowed intent(s).")
        session = Session(secrets.token_hex(16), (shard, count), data["intents"], connection)
        self.sessions.append(session)
        await self._welcome(session)
        return session

    async def _welcome(self, session: Session) -> None:
        shard, count = session.shard
        guilds = [g for g in self._world.guilds.values() if g.has_bot and (g.id >> 22) % count == shard]
        bot = self._world.bot
        await session.dispatch(
            "READY",
            {
                "v": 10,
                "user": bot.json() | {"verified": True, "mfa_enabled": False, "flags": 0},
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self._world.base_url.replace("http", "ws") + "/resume",
                "shard": [shard, count],
                "application": {"id": str(bot.id), "flags": 0},
            },
        )
        if session.intents & GUILDS:
            for guild in guilds:
                await session.dispatch("GUILD_CREATE", self._world.guild_json(guild))

    async def _resume(self, connection: Connection, data: dict[str, Any]) -> Session | None:
        self._check_token(data["token"])
        session = next((s for s in self.sessions if s.id == data["session_id"] and s.alive), None)
        if session is None:
            await connection.send({"op": INVALID_SESSION, "d": False})
            return None
        if not 0 <= data["seq"] <= len(session.sent):
            raise Closed(4007, "Invalid seq.")
        sent = data["seq"]
        while sent < len(session.sent):  # events that come meanwhile wait their turn
            await connection.send(session.sent[sent])
            sent += 1
        session.connection = connection
        session.resumes += 1
        await session.dispatch("RESUMED", {})
        return session
