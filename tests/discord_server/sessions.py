"""A gateway session and the connections it lives through. The gateway makes them, tests read them."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DISPATCH = 0


@dataclass(eq=False)
class Connection:
    """One websocket, with its own zlib stream when the client asked for one."""

    request: web.Request
    socket: web.WebSocketResponse
    deflate: Any = None

    async def send(self, payload: dict[str, Any]) -> None:
        if self.socket.closed:
            return
        text = json.dumps(payload)
        try:
            if self.deflate is None:
                await self.socket.send_str(text)
            else:
                flushed: bytes = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(flushed)
        except ConnectionError:
            return  # a cut connection: the session keeps the event for RESUME

    def cut(self) -> None:
        """End it without a close frame, as a broken line does."""
        if self.request.transport is not None:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """What IDENTIFY began: it outlives its connections and remembers events for RESUME."""

    id: str
    shard: tuple[int, int]
    intents: int
    connection: Connection | None
    sent: list[dict[str, Any]] = field(default_factory=list)
    resumes: int = 0
    alive: bool = True

    @property
    def connected(self) -> bool:
        return self.connection is not None and not self.connection.socket.closed

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        payload = {"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(payload)
        if self.connection is not None:
            await self.connection.send(payload)
