"""Updates by long polling, acknowledged when they are stored.

The library's own poller acknowledges what it has only queued, and a crash would lose it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.api_errors import flood_s
from bot.telegram.incoming.inbox import UpdateInbox
from storage.errors import StorageError

log = logging.getLogger(__name__)

WAIT_S = 25  # how long Telegram holds a request when nothing happens
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


async def poll_updates(bot: Bot, inbox: UpdateInbox, *, kinds: Sequence[str]) -> None:
    """Fetch and store updates until cancelled; raises InvalidToken when Telegram does not know the bot.

    One process per token may poll: Telegram answers the others with Conflict.
    """
    offset, failures = 0, 0  # Telegram forgets what lies before the offset
    while True:
        try:
            updates = await bot.get_updates(offset=offset or None, timeout=WAIT_S, allowed_updates=kinds)
            if updates:
                await inbox.store(updates)
                offset = max(offset, updates[-1].update_id + 1)  # an old update may have come again
            failures = 0
        except InvalidToken:
            raise
        except (StorageError, TelegramError) as error:
            pause = pause_s(error, failures)
            level = logging.ERROR if isinstance(error, Conflict) else logging.WARNING
            log.log(level, "no updates from Telegram, trying again in %g s: %r", pause, error)
            failures += 1
            await asyncio.sleep(pause)


def pause_s(error: Exception, failures: int) -> float:
    """Say how long to wait after a request failed: as Telegram says, else longer each time."""
    return flood_s(error) if isinstance(error, RetryAfter) else PAUSES_S[min(failures, len(PAUSES_S) - 1)]
