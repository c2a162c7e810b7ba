"""What Telegram's refusals and a broken network mean for a message."""

from __future__ import annotations

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.telegram.api_errors import SOON_S, meaning
from handlers.ports import ChatGone, ChatLater, Undecided

# As Telegram words them and the library hands them on.
CLOSED = (
    "Chat not found", "Not enough rights to send audios to the chat", "Have no rights to send a message",
    "Chat_write_forbidden", "Chat_send_audios_forbidden", "Chat_restricted", "Peer_id_invalid", "User is deactivated",
    "Topic_closed", "Group chat was deactivated",
)  # fmt: skip


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("refusal", CLOSED)
def test_a_closed_place_is_not_asked_again(refusal: str) -> None:
    assert isinstance(meaning(BadRequest(refusal)), ChatGone)


def test_who_blocked_us_is_not_asked_again() -> None:
    assert isinstance(meaning(Forbidden("Forbidden: bot was blocked by the user")), ChatGone)


def test_a_flood_says_how_long() -> None:
    found = meaning(RetryAfter(17))
    assert isinstance(found, ChatLater)
    assert found.retry_after_s == 17


@pytest.mark.parametrize("cause", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_what_never_left_is_sent_again(cause: type[httpx.TransportError]) -> None:
    found = meaning(caused(NetworkError("no way out"), cause("no way out")))
    assert isinstance(found, ChatLater)
    assert found.retry_after_s == SOON_S


@pytest.mark.parametrize("cause", [httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadTimeout])
def test_what_may_have_arrived_is_undecided(cause: type[httpx.TransportError]) -> None:
    error = TimedOut() if cause is httpx.ReadTimeout else NetworkError("cut")
    assert isinstance(meaning(caused(error, cause("cut"))), Undecided)


@pytest.mark.parametrize(
    "mistake", [BadRequest("Message text is empty"), NetworkError("Request Entity Too Large (413)")]
)
def test_a_mistake_of_ours_stays_one(mistake: TelegramError) -> None:
    assert meaning(mistake) is mistake


def test_a_bug_in_the_network_layer_stays_one() -> None:
    error = caused(NetworkError("Unknown error in HTTP implementation"), ValueError("bug"))
    assert meaning(error) is error
