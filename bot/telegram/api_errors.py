"""The meaning of the Bot API's errors for a message that was to be sent."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from handlers.ports import ChatGone, ChatLater, Undecided

SOON_S = 1.0  # a refused connection or a server's error is often over by then

# Lower case: the library lower-cases what follows a message's first letter. These end the same way however often asked.
CLOSED = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "chat_send_",  # … AUDIOS_FORBIDDEN, PLAIN_FORBIDDEN and so on
    "chat_restricted",
    "peer_id_invalid",
    "user is deactivated",
    "topic_closed",
    "group chat was deactivated",
)
HARMLESS = ("message is not modified", "query is too old")
VANISHED = ("message to edit not found", "message to delete not found", "message can't be", "message_id_invalid")
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def meaning(error: TelegramError) -> Exception:
    """Give ChatGone, ChatLater or Undecided; the error itself where the request was a mistake of ours."""
    if isinstance(error, RetryAfter):
        return ChatLater(flood_s(error))
    if isinstance(error, Forbidden) or says(error, *CLOSED):
        return ChatGone(error.message)
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
        return _of_network(error)
    return error


def says(error: TelegramError, *words: str) -> bool:
    """Whether the refusal has any of these words."""
    return isinstance(error, BadRequest) and any(each in error.message.lower() for each in words)


def flood_s(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _of_network(error: NetworkError) -> Exception:
    """Tell whether the request was never sent or may have arrived."""
    cause, said = error.__cause__, error.message.lower()
    if isinstance(cause, NOT_SENT):
        return ChatLater(SOON_S)
    if isinstance(cause, httpx.HTTPError) or "gateway time" in said:  # a 504: what stands behind it may have done it
        return Undecided(error.message)
    answered = cause is None or isinstance(cause, TelegramError)  # in Telegram's JSON, or with a page of the proxy's
    return ChatLater(SOON_S) if answered and "entity too large" not in said else error
