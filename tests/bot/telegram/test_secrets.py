"""The token stands in every address that the bot asks, and in the library's own words; it must stand in no log."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import httpx
import pytest

from bot.logs import FORMAT, Redacting
from tests.bot.processes import OwnProcess
from tests.bot.telegram.chat_fixture import ChatFixture


async def test_a_talkative_process_that_meets_every_trouble_says_no_token(
    at: ChatFixture, selfie: bytes, tmp_path: Path
) -> None:
    """With -v, through floods, 5xx, a cut, a time-out and a token that is refused in the end."""
    alice, secret = await at.person(), at.server.token.partition(":")[2]
    settings = {
        "DATA_DIR": str(at.settings.data_dir),
        "DATABASE_URL": at.settings.database,
        "REDIS_URL": at.redis_url,
        "TELEGRAM_TOKEN": at.server.token,
        "TELEGRAM_API_URL": at.server.url,
        "NO_PROXY": "127.0.0.1",
    }
    faults = at.server.faults
    faults.fail("getUpdates", by_proxy=True)
    faults.cut("getUpdates", after_effect=False)
    faults.fail("file", status=500)
    faults.flood("sendMessage", retry_after_s=1, chat_id=alice.chat.id)
    faults.cut("sendChatAction", after_effect=False)
    process = OwnProcess(("bot", "-v", "run"), settings, tmp_path, tmp_path / "run.log")
    process.start()
    try:
        await at.server.answer(alice.sends_photo(selfie), within_s=60)
        await at.server.down()
        await asyncio.sleep(0.7)
        at.server.token = "110201543:" + "B" * 35
        await at.server.up()
        await at.server.until(lambda: not process.alive, within_s=60)
    finally:
        if process.alive:
            process.kill()
    said = process.said()
    assert "no updates from Telegram" in said
    assert "Telegram refuses TELEGRAM_TOKEN" in said
    assert secret not in said


async def test_an_error_of_the_network_is_written_down_without_its_address(at: ChatFixture) -> None:
    url = f"{at.server.url}/bot{at.server.token}/getMe"
    at.server.faults.fail("getMe", status=500)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        answer.raise_for_status()
    assert at.server.token in str(caught.value)
    details = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("httpx", logging.ERROR, __file__, 1, "asked %s", (url,), details)
    flood_control = Redacting(FORMAT).format(record)
    assert at.server.token.partition(":")[2] not in flood_control
    assert "500 Internal Server Error" in flood_control
