"""Updates by webhook: on a port and path of its own, from Telegram alone, handled once however often they come."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys

import aiohttp
import pytest
from pydantic import SecretStr

from bot.errors import UserError
from bot.telegram.incoming.webhook import SECRET_HEADER
from bot.telegram.service import open_sockets, secret_of
from tests.bot.telegram.chat_fixture import PUBLIC, ChatFixture


async def test_a_webhook_whose_answer_got_lost_does_it_once(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving(webhook=True):
        await at.server.until(lambda: at.server.updates.webhook)
        at.server.updates.lose_answers = 2
        alice.sends_photo(selfie)
        await at.quiet()
        await at.server.until(alice.chat.from_bot)
    assert max(at.server.updates.deliveries.values()) == 3
    assert len(await at.songs_of(alice)) == 1
    assert len(alice.chat.from_bot()) == 1


async def test_the_webhook_knows_telegram_by_its_secret_and_says_that_it_is_well(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving(webhook=True), aiohttp.ClientSession() as stranger:
        await at.server.until(lambda: at.server.updates.webhook)
        door = at.server.updates.proxy[PUBLIC]
        forged = {"update_id": 1, "message": alice.chat.json()}
        for headers in ({}, {SECRET_HEADER: "guess"}, {SECRET_HEADER: "ü"}):
            async with stranger.post(f"{door}/hook", json=forged, headers=headers) as answer:
                assert answer.status == 403
        known = {SECRET_HEADER: secret_of(at.server.token)}
        for body in ("", "[]", "{", '{"update_id": "x"}', "null"):
            async with stranger.post(f"{door}/hook", data=body, headers=known) as answer:
                assert answer.status == 400
        async with stranger.get(f"{door}/health") as answer:
            assert (answer.status, await answer.json()) == (200, {"ok": True})
        await at.server.answer(alice.says("/help"))


async def test_only_the_path_of_the_url_takes_updates(at: ChatFixture) -> None:
    async with at.serving(webhook=True), aiohttp.ClientSession() as stranger:
        await at.server.until(lambda: at.server.updates.webhook)
        door = at.server.updates.proxy[PUBLIC]
        async with stranger.get(f"{door}/hook") as answer:
            assert answer.status == 405
        async with stranger.post(f"{door}/", json={"update_id": 1}) as answer:
            assert answer.status == 404


async def test_a_secret_of_ones_own_is_what_telegram_says(at: ChatFixture) -> None:
    alice = await at.person()
    at.settings = at.settings.model_copy(update={"telegram_webhook_secret": SecretStr("open_sesame")})
    async with at.serving(webhook=True):
        hook = await at.server.until(lambda: at.server.updates.webhook)
        assert hook
        assert hook.secret == "open_sesame"
        await at.server.answer(alice.says("/help"))


async def test_without_its_url_polling_takes_over_from_a_webhook(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving(webhook=True):
        await at.server.until(lambda: at.server.updates.webhook)
    said = alice.says("/help")
    async with at.serving():
        await at.server.answer(said)
    assert at.server.updates.webhook is None


async def test_a_webhook_that_telegram_refuses_ends_with_a_word(at: ChatFixture) -> None:
    at.server.expect("only on ports 80, 88, 443 or 8443")
    at.settings = at.settings.model_copy(update={"telegram_webhook_url": "https://songs.example:9000/hook"})
    at.settings = at.settings.model_copy(update={"telegram_webhook_listen": "127.0.0.1:0"})

    async def until_it_ends() -> None:
        async with at.serving() as task:
            await asyncio.wait({task}, timeout=10)

    with pytest.raises(UserError, match="telegram_refuses"):
        await until_it_ends()


@pytest.mark.parametrize(("listen", "family"), [("127.0.0.1:0", socket.AF_INET), ("[::1]:0", socket.AF_INET6)])
def test_the_webhook_listens_where_the_settings_say(listen: str, family: socket.AddressFamily) -> None:
    sockets = open_sockets(listen)
    assert [door.family for door in sockets] == [family]
    for door in sockets:
        door.close()


async def test_a_process_killed_over_a_photo_leaves_it_to_the_next(at: ChatFixture, selfie: bytes) -> None:
    """The product's own process listens where it is told; what it answered is stored."""
    alice = await at.person()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    at.server.updates.proxy[PUBLIC] = f"http://127.0.0.1:{port}"
    at.server.faults.slow("file", delay_s=30)
    environment = {
        **os.environ,
        "DATA_DIR": str(at.settings.data_dir),
        "DATABASE_URL": at.settings.database,
        "REDIS_URL": at.redis_url,
        "TELEGRAM_TOKEN": at.server.token,
        "TELEGRAM_API_URL": at.server.url,
        "TELEGRAM_WEBHOOK_URL": f"{PUBLIC}/hook",
        "TELEGRAM_WEBHOOK_LISTEN": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "bot", "run"]
    child = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        await at.server.until(lambda: at.server.updates.webhook, within_s=60)
        alice.sends_photo(selfie)
        await at.server.until(lambda: at.server.sent("file"), within_s=60)
        await at.server.until(lambda: not at.server.updates.pending)
    finally:
        child.send_signal(signal.SIGKILL)
        await child.wait()
    assert not await at.songs_of(alice)
    assert await at.stored() == 1
    async with at.serving(webhook=True):
        await at.server.until(alice.chat.from_bot)
        await at.quiet()
    assert len(await at.songs_of(alice)) == 1
