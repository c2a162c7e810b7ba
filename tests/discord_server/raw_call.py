"""A request without the library, for what the library refuses to send."""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.discord_server import DiscordServer


async def raw_call(server: DiscordServer, method: str, path: str, body: Any = None) -> tuple[int, int]:
    """Send JSON (or these very bytes) with the bot's token; return status and Discord's code (0: none)."""
    headers = {"Authorization": f"Bot {server.token}"}
    sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, server.api_url + path, **sent) as response,
    ):
        if response.status == 204:
            return 204, 0
        assert response.headers["Content-Type"] == "application/json"
        answer = await response.json()
        return response.status, answer.get("code", 0) if isinstance(answer, dict) else 0
