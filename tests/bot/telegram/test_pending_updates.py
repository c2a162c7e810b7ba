"""What takes long holds nobody up and is not lost: acknowledged to Telegram, it is in the database's keeping."""

from __future__ import annotations

import pytest

from bot.telegram.incoming import webhook
from bot.telegram.incoming.pending_updates import PREFIX
from storage.unit_of_work import UnitOfWork
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.bot.telegram.test_selfies import quiet, songs

CROWD = 130  # more than Telegram hands out at once
LONG_S = 60


async def pending(at: ChatFixture) -> int:
    async def look(unit: UnitOfWork) -> int:
        return len(await unit.key_values.named(PREFIX))

    return await at.process.deps.read(look)


async def none_is_held(at: ChatFixture) -> None:
    while await pending(at):
        await at.process.deps.clock.sleep(0.02)


async def test_a_crowd_behind_somebody_slow_is_heard_and_the_slow_one_outlives_the_process(
    at: ChatFixture, selfie: bytes
) -> None:
    alice, crowd = await at.person(), [at.server.person(f"P{number}") for number in range(CROWD)]
    at.server.faults.slow("file", delay_s=LONG_S)
    async with at.serving(timeout_s=LONG_S):
        alice.sends_photo(selfie)
        await at.server.until(lambda: at.server.sent("file"))
        for person in crowd:
            person.says("/help")
        await at.server.until(lambda: all(person.chat.from_bot() for person in crowd), within_s=40)
        await quiet(at)  # hers among them
    assert not await at.songs_of(alice)
    assert await pending(at) == 1
    async with at.serving():
        await songs(at, alice)
        await at.server.until(alice.chat.from_bot)
        await none_is_held(at)
    assert len(await at.songs_of(alice)) == 1
    assert [len(person.chat.from_bot()) for person in crowd] == [1] * CROWD


@pytest.mark.parametrize("pictures", [1, 3])
async def test_a_webhook_that_answered_before_it_was_done_loses_nothing(
    at: ChatFixture, selfie: bytes, pictures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await at.person()
    monkeypatch.setattr(webhook, "PATIENCE_S", 0.2)
    at.server.faults.slow("file", delay_s=LONG_S)
    async with at.serving(webhook=True, timeout_s=LONG_S):
        await at.server.until(lambda: at.server.updates.webhook)
        if pictures == 1:
            alice.sends_photo(selfie)
        else:
            alice.sends_album([selfie] * pictures)
        await at.server.until(lambda: at.server.sent("file"))
        await quiet(at)
    assert not await at.songs_of(alice)
    assert await pending(at)
    async with at.serving(webhook=True):
        await songs(at, alice)
        await at.server.until(alice.chat.from_bot)
        await none_is_held(at)
    assert len(await at.songs_of(alice)) == 1
    assert len(alice.chat.from_bot()) == 1
