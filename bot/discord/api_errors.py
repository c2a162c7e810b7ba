"""The meaning of Discord's errors for a message that was to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from handlers.ports import ChatGone, ChatLater

UNKNOWN_MESSAGE = 10008
UNKNOWN_INTERACTION = 10062  # more than 3 s passed before the first answer
ALREADY_ANSWERED = 40060  # the same interaction came twice
TOO_LARGE = 40005
NO_HISTORY = 160002  # replies need the right to read the history
# Archived for good, blocked by automatic moderation or by the filter of links: the place does not take this message.
CLOSED = frozenset({50083, 200000, 240000})
EXPIRED = frozenset({UNKNOWN_INTERACTION, UNKNOWN_MESSAGE, 10015, 50027, ALREADY_ANSWERED})
LATER_S = 5.0
BANNED_S = 60.0  # a 429 without Via is Cloudflare's: many more of them end in a ban

# The connection broke, before or after the request arrived.
CONNECTION_ERRORS = (aiohttp.ClientError, OSError, TimeoutError)


def is_too_large(error: discord.HTTPException) -> bool:
    return error.status == 413 or error.code == TOO_LARGE


@contextmanager
def as_chat_errors() -> Iterator[None]:
    """Turn the library's errors into the Chat port's.

    Also what may have arrived counts as "later" here: the nonce, and a look at the channel, keep it single.
    """
    try:
        yield
    except (discord.Forbidden, discord.NotFound) as error:
        raise ChatGone from error
    except discord.RateLimited as error:
        raise ChatLater(error.retry_after) from error
    except discord.HTTPException as error:
        if error.status == 429:
            raise ChatLater(BANNED_S) from error
        if error.status >= 500:
            raise ChatLater(LATER_S) from error
        if error.code in CLOSED:
            raise ChatGone from error
        raise
    except CONNECTION_ERRORS as error:
        raise ChatLater(LATER_S) from error
