"""How updates reach the bot: polling, webhook, and both again after something went wrong."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import aiohttp
import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict
from telegram.ext import ContextTypes, MessageHandler, filters

from tests.telegram_server import TelegramServer
from tests.telegram_server.conftest import PUBLIC, Run

Context = ContextTypes.DEFAULT_TYPE


async def echo(update: Update, context: Context) -> None:
    message = update.effective_message
    assert message
    await message.reply_text(f"heard {message.text}")


async def test_polling_confirms_what_it_fetched(server: TelegramServer, run: Run) -> None:
    alice = server.person("Alice")
    async with run(MessageHandler(filters.TEXT, echo)):
        answer = await server.answer(alice.says("one"))
        assert answer.text == "heard one"
    assert not server.updates.pending
    async with run(MessageHandler(filters.TEXT, echo)):
        await server.answer(alice.says("two"))
    assert [message.text for message in alice.chat.from_bot()] == ["heard one", "heard two"]
    assert set(server.updates.deliveries.values()) == {1}


CRASHES = """
import os, sys
from telegram.ext import Application, MessageHandler, filters

async def die(update, context):
    os._exit(9)

app = Application.builder().token(sys.argv[2]).base_url(sys.argv[1] + "/bot").build()
app.add_handler(MessageHandler(filters.ALL, die))
app.run_polling(poll_interval=60)
"""


async def test_a_crash_before_the_acknowledgement_brings_the_update_again(server: TelegramServer, run: Run) -> None:
    alice = server.person("Alice")
    said = alice.says("still here?")
    arguments = [sys.executable, "-c", CRASHES, server.url, server.token]
    ended = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, timeout=60)
    assert ended.returncode == 9
    assert server.updates.pending
    async with run(MessageHandler(filters.TEXT, echo)):
        await server.answer(said)
    assert list(server.updates.deliveries.values()) == [2]


async def test_a_confirmed_update_can_come_again(server: TelegramServer, run: Run) -> None:
    alice = server.person("Alice")
    async with run(MessageHandler(filters.TEXT, echo)):
        alice.says("hi")
        (number,) = await server.until(lambda: list(server.updates.confirmed))
        server.updates.deliver_again(number)
        await server.until(lambda: len(alice.chat.from_bot()) == 2)
    assert server.updates.deliveries[number] == 2


async def test_what_comes_again_is_not_confirmed_unseen(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    alice.says("hi")
    (first,) = await bot.get_updates()
    await bot.get_updates(offset=first.update_id + 1)
    server.updates.deliver_again(first.update_id)
    assert [update.update_id for update in await bot.get_updates(offset=first.update_id + 1)] == [first.update_id]
    assert await bot.get_updates(offset=first.update_id + 1) == ()


async def test_offset_limit_and_negative_offset(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    for number in range(5):
        alice.says(str(number))

    async def texts(**options: Any) -> list[str | None]:
        updates = await bot.get_updates(**options)
        return [update.message.text for update in updates if update.message]

    assert await texts(limit=2) == ["0", "1"]
    first = (await bot.get_updates(limit=1))[0].update_id
    assert await texts(offset=first + 2) == ["2", "3", "4"]
    assert await texts() == ["2", "3", "4"]
    assert await texts(offset=-1) == ["4"]
    assert await texts() == ["4"]


async def test_a_second_poller_ends_the_first(server: TelegramServer, bot: Bot) -> None:
    server.expect("terminated by other getUpdates request")
    first = asyncio.create_task(bot.get_updates(timeout=2))
    await server.until(lambda: server.sent("getUpdates"))
    async with Bot(server.token, base_url=f"{server.url}/bot") as second:
        await second.get_updates()
        with pytest.raises(Conflict):
            await first


async def test_webhook_brings_updates_with_the_secret_and_polling_is_refused(
    server: TelegramServer, run: Run, bot: Bot
) -> None:
    alice, bob = server.person("Alice"), server.person("Bob")
    server.expect("can't use getUpdates method while webhook is active")
    async with run(MessageHandler(filters.TEXT, echo), secret="s3cret"):
        await server.answer(alice.says("hi"))
        await server.answer(bob.says("hi"))
        assert (await bot.get_webhook_info()).url == f"{PUBLIC}/hook"
        with pytest.raises(Conflict):
            await bot.get_updates()
        await server.until(lambda: not server.updates.pending)
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


async def test_a_strangers_post_without_the_secret_is_not_handled(server: TelegramServer, run: Run) -> None:
    alice = server.person("Alice")
    async with run(MessageHandler(filters.TEXT, echo), secret="s3cret"):
        forged = {"update_id": 1, "message": alice.chat.json()}
        door = f"{server.updates.proxy[PUBLIC]}/hook"
        async with aiohttp.ClientSession() as stranger:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}):
                async with stranger.post(door, json=forged, headers=headers) as answer:
                    assert answer.status == 403
    assert not alice.chat.messages


async def test_webhook_is_tried_again_until_it_answers_2xx(server: TelegramServer, run: Run, bot: Bot) -> None:
    alice = server.person("Alice")
    async with run(MessageHandler(filters.TEXT, echo), secret="s3cret"):
        await bot.set_webhook(f"{PUBLIC}/hook", secret_token="outdated")
        said = alice.says("hi")
        await server.until(lambda: server.updates.last_error and max(server.updates.deliveries.values()) > 2)
        assert "403" in str((await bot.get_webhook_info()).last_error_message)
        assert not alice.chat.from_bot()
        await bot.set_webhook(f"{PUBLIC}/hook", secret_token="s3cret")
        await server.answer(said)
        await server.until(lambda: not server.updates.pending)
    assert len(alice.chat.from_bot()) == 1


async def test_a_webhook_that_is_down_is_tried_again(server: TelegramServer, run: Run, bot: Bot) -> None:
    alice = server.person("Alice")
    server.updates.proxy[PUBLIC] = "http://127.0.0.1:9"
    await bot.set_webhook(f"{PUBLIC}/hook", secret_token="s3cret")
    said = alice.says("anyone?")
    await server.until(lambda: "Connection failed" in server.updates.last_error)
    async with run(MessageHandler(filters.TEXT, echo), secret="s3cret"):
        await server.answer(said)
        await server.until(lambda: not server.updates.pending)
    assert len(alice.chat.from_bot()) == 1


async def test_a_lost_webhook_answer_brings_the_update_again(server: TelegramServer, run: Run) -> None:
    alice = server.person("Alice")
    server.updates.lose_answers = 1
    async with run(MessageHandler(filters.TEXT, echo), secret="s3cret"):
        alice.says("hi")
        await server.until(lambda: len(alice.chat.from_bot()) == 2)


@pytest.mark.parametrize(
    ("url", "secret", "refusal"),
    [
        ("http://songs.example/hook", "", "An HTTPS URL must be provided"),
        ("https://songs.example:9000/hook", "", "only on ports 80, 88, 443 or 8443"),
        ("https://songs.example/hook", "no spaces", "secret token contains unallowed characters"),
        ("https://nowhere.example/hook", "", "Failed to resolve host"),
    ],
)
async def test_bad_webhooks_are_refused(server: TelegramServer, bot: Bot, url: str, secret: str, refusal: str) -> None:
    server.updates.proxy[PUBLIC] = "http://127.0.0.1:9"
    server.expect(refusal)
    with pytest.raises(BadRequest):
        await bot.set_webhook(url, secret_token=secret or None)


async def test_pending_updates_can_be_dropped(server: TelegramServer, bot: Bot) -> None:
    server.person("Alice").says("hi")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_only_wanted_kinds_come_and_reactions_only_if_named(server: TelegramServer, bot: Bot) -> None:
    alice = server.person("Alice")
    said = alice.says("hi")
    alice.reacts(said, "👍")
    assert [update.message_reaction for update in await bot.get_updates()] == [None]
    await bot.get_updates(allowed_updates=["message_reaction"])
    alice.says("not wanted")
    alice.reacts(said)
    (reaction,) = [u.message_reaction for u in await bot.get_updates() if u.message_reaction]
    assert (len(reaction.old_reaction), len(reaction.new_reaction)) == (1, 0)
    assert len(await bot.get_updates()) == 2
