"""Works around discord.py: a request cancelled during a global rate limit leaves its lock set for ever.

Every later request of the client would then wait for ever. Ours are cancelled by their time-outs and by lost leases.
"""

from __future__ import annotations

import asyncio
from typing import Any

from discord.http import HTTPClient


def open_when_cancelled(http: HTTPClient) -> None:
    """Have a cancelled request release the lock; if the limit still holds, Discord tells the next one to wait."""
    request = http.request

    async def opening(*args: Any, **options: Any) -> Any:
        try:
            return await request(*args, **options)
        except asyncio.CancelledError:
            http._global_over.set()
            raise

    http.request = opening  # type: ignore[method-assign]  # every call of the library goes through it
