"""What goes wrong on demand is what the library sees, and whether the request took effect is known."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot, Update
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.ext import ContextTypes, MessageHandler, filters

from tests.telegram_server import Limit, RateLimits, TelegramServer
from tests.telegram_server.conftest import Run


async def test_a_flood_closes_one_chat_and_asking_too_early_is_a_mistake(server: TelegramServer, bot: Bot) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    server.faults.flood("sendMessage", retry_after_s=1, chat_id=alice.chat.id)
    with pytest.raises(RetryAfter):
        await bot.send_message(alice.chat.id, "one")
    server.check()  # the flood itself is nobody's mistake
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("x", alice.chat.id, 1)
    server.expect("editMessageText: Too Many Requests")
    await bot.send_message(bob.chat.id, "two")
    await asyncio.sleep(1.05)
    await bot.send_message(alice.chat.id, "three")
    assert [m.text for m in alice.chat.from_bot() + bob.chat.from_bot()] == ["three", "two"]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_server_errors_have_no_effect_and_end(server: TelegramServer, bot: Bot, status: int) -> None:
    alice = server.person("Alice")
    server.faults.fail("sendMessage", status=status, times=2)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await bot.send_message(alice.chat.id, "lost")
    await bot.send_message(alice.chat.id, "there")
    assert [message.text for message in alice.chat.messages] == ["there"]
    assert [call.status for call in server.sent("sendMessage")] == [status, status, 200]


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_proxy_answers_with_a_page_whether_or_not_it_was_done(
    server: TelegramServer, bot: Bot, after_effect: bool
) -> None:
    alice = server.person("Alice")
    server.faults.fail("sendMessage", status=504, by_proxy=True, after_effect=after_effect)
    with pytest.raises(NetworkError, match=r"Gateway Timeout \(504\).*<html>"):
        await bot.send_message(alice.chat.id, "x")
    assert len(alice.chat.messages) == after_effect


async def test_a_proxy_of_the_environment_takes_loopback_along_unless_told_not_to(
    server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asks() -> str:
        async with Bot(server.token, base_url=f"{server.url}/bot") as client:
            return client.username

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens there
    assert await asks() == "selfietune_bot"
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(NetworkError):
        await asks()


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_time_out_leaves_open_whether_it_arrived(
    server: TelegramServer, bot: Bot, song: bytes, after_effect: bool
) -> None:
    alice = server.person("Alice")
    server.faults.hang("sendAudio", after_effect=after_effect)
    with pytest.raises(TimedOut):
        await bot.send_audio(alice.chat.id, song)
    assert len(alice.chat.from_bot("audio")) == after_effect
    assert server.sent("sendAudio", alice.chat)[0].status == 0


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_cut_connection(server: TelegramServer, bot: Bot, after_effect: bool) -> None:
    alice = server.person("Alice")
    server.faults.cut("sendMessage", after_effect=after_effect, chat_id=alice.chat.id)
    with pytest.raises(NetworkError, match="RemoteProtocolError"):
        await bot.send_message(alice.chat.id, "x")
    assert len(alice.chat.messages) == after_effect


async def test_a_refused_connection_and_the_way_back(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    await server.down()
    with pytest.raises(NetworkError, match="ConnectError"):
        await bot.send_message(alice.chat.id, "x")
    await server.up()
    await bot.send_message(alice.chat.id, "y")
    assert [message.text for message in alice.chat.messages] == ["y"]


async def test_downloads_fail_too(server: TelegramServer, bot: Bot) -> None:
    sent = server.person("Alice").sends_file("document", b"data").content["document"]["file_id"]
    file = await bot.get_file(sent)
    server.faults.fail("file")
    server.faults.cut("file", after_effect=False)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()
    assert await file.download_as_bytearray() == b"data"


async def test_a_slow_answer_to_one_holds_nobody_else(server: TelegramServer, run: Run) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    server.faults.slow("sendMessage", delay_s=0.5, chat_id=alice.chat.id)
    order: list[int] = []

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        await update.message.reply_text("hi")
        order.append(update.message.chat.id)

    async with run(MessageHandler(filters.TEXT, answer)):
        alice.says("first")
        bob.says("second")
        await server.until(lambda: len(order) == 2)
    assert order == [bob.chat.id, alice.chat.id]


async def test_rate_limits_count_edits_and_each_chat_by_itself(server: TelegramServer, bot: Bot) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    server.faults.limits = RateLimits(chat=Limit(2, 60.0), overall=Limit(3, 60.0))
    sent = await bot.send_message(alice.chat.id, "1")
    await bot.edit_message_text("2", alice.chat.id, sent.message_id)
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("3", alice.chat.id, sent.message_id)
    server.expect("editMessageText: Too Many Requests: retry after 60")
    await bot.send_message(bob.chat.id, "4")
    with pytest.raises(RetryAfter):
        await bot.send_message(bob.chat.id, "5")
    server.expect("sendMessage: Too Many Requests")
