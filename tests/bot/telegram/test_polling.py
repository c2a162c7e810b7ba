"""Updates: handled once, lost never, one person's in their order, and nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot.errors import UserError
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.telegram_server import Message, TelegramServer


def replies(to: Message) -> list[Message]:
    return [message for message in to.chat.from_bot() if message.reply_to is to]


@asynccontextmanager
async def killed_at_the_end(at: ChatFixture) -> AsyncIterator[None]:
    """Let the product's own process serve while the body runs."""
    environment = {
        **os.environ,
        "DATA_DIR": str(at.settings.data_dir),
        "DATABASE_URL": at.settings.database,
        "REDIS_URL": at.redis_url,
        "TELEGRAM_TOKEN": at.server.token,
        "TELEGRAM_API_URL": at.server.url,
    }
    command = [sys.executable, "-m", "bot", "run"]
    child = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.send_signal(signal.SIGKILL)
        await child.wait()


async def test_a_command_whose_answer_was_killed_is_answered_by_the_next_process(at: ChatFixture) -> None:
    alice = await at.person()
    at.server.faults.hang("sendMessage", after_effect=False)
    async with killed_at_the_end(at):
        said = alice.says("/genres add jazz")
        await at.server.until(lambda: at.server.sent("sendMessage"), within_s=60)
    async with at.serving():
        assert (await at.server.answer(said)).text.endswith(": jazz")
        await at.quiet()
    assert len(alice.chat.from_bot()) == 1


async def test_a_photo_whose_handling_was_killed_is_one_song_and_what_came_after_it_follows(
    at: ChatFixture, selfie: bytes
) -> None:
    alice = await at.person()
    at.server.faults.slow("file", delay_s=30)
    async with killed_at_the_end(at):
        asked = [alice.sends_photo(selfie), *(alice.says(f"/tempo set {number} 120") for number in (70, 71))]
        await at.server.until(lambda: at.server.sent("file"), within_s=60)
        await at.server.until(lambda: not at.server.updates.pending)  # acknowledged, and then killed
    assert not alice.chat.from_bot()
    assert await at.stored() == 1
    async with at.serving():
        await at.quiet()
    card, *answers = alice.chat.from_bot()
    assert [card.reply_to, *(answer.reply_to for answer in answers)] == asked
    assert ["70" in answers[0].text, "71" in answers[1].text] == [True, True]
    assert len(await at.songs_of(alice)) == 1


async def test_what_was_acknowledged_and_comes_again_does_nothing(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    async with at.serving():
        for said in (alice.sends_photo(selfie), alice.says("/mood sad"), alice.says("/help"), alice.says("hello")):
            await at.server.until(partial(replies, said))
        await at.quiet()
        count = len(alice.chat.from_bot())
        seen = dict(at.server.updates.deliveries)
        for number in seen:
            at.server.updates.deliver_again(number)
        await at.server.until(lambda: all(at.server.updates.deliveries[each] > seen[each] for each in seen))
        await at.quiet()
        assert len(alice.chat.from_bot()) == count
    assert len(await at.songs_of(alice)) == 2


async def test_what_another_process_handled_and_comes_again_does_nothing(at: ChatFixture, selfie: bytes) -> None:
    """The memory of what was handled is the database's: presses, reactions, commands and photos alike."""
    alice = await at.person()
    async with at.serving():
        song = await at.delivered(alice)
        press = alice.presses(song, "👍")
        await at.server.until(lambda: press.answers and "👍 1" in song.buttons)
        alice.reacts(song, "👎")
        await at.server.until(lambda: "👎 1" in song.buttons)
        for said in (alice.sends_photo(selfie), alice.says("/help")):
            await at.server.until(partial(replies, said))
        await at.quiet()
    count, seen = len(alice.chat.from_bot()), dict(at.server.updates.deliveries)
    for number in seen:
        at.server.updates.deliver_again(number)
    async with at.serving():
        await at.server.until(lambda: all(at.server.updates.deliveries[each] > seen[each] for each in seen))
        await at.quiet()
        assert len(alice.chat.from_bot()) == count
    assert len(await at.songs_of(alice)) == 2
    assert await at.process.deps.read(lambda unit: unit.votes.counts(1)) == (0, 1)


async def test_one_slow_person_holds_nobody(at: ChatFixture, selfie: bytes) -> None:
    alice, bob = await at.person("Alice"), await at.person("Bob")
    at.server.faults.slow("file", delay_s=0.5)
    async with at.serving():
        alice.sends_photo(selfie)
        await at.server.until(lambda: at.server.sent("file"))
        await at.server.answer(bob.says("/help"))
        assert not alice.chat.from_bot()
        await at.server.until(alice.chat.from_bot)


async def test_one_persons_messages_are_answered_in_their_order(at: ChatFixture) -> None:
    alice = await at.person()
    async with at.serving():
        for number in range(70, 80):
            last = alice.says(f"/tempo set {number} 120")
        await at.server.until(lambda: len(alice.chat.from_bot()) == 10)
        assert "79" in (await at.server.answer(alice.says("/tempo"))).text
    assert [message.text for message in alice.chat.from_bot() if "70" in message.text]
    assert "79" in alice.chat.from_bot()[-2].text
    assert last.id < alice.chat.from_bot()[0].id


@pytest.mark.parametrize("kind", ["photo", "words"])
async def test_a_bug_is_told_and_holds_nothing_up(
    at: ChatFixture, selfie: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    alice = await at.person()

    async def broken(*args: object, **options: object) -> None:
        raise RuntimeError("disk on fire")

    async with at.serving():
        with monkeypatch.context() as patch:
            patch.setattr(at.process.deps.media, "put", broken)
            patch.setattr("bot.telegram.incoming.messages.song_answered", broken)
            answer = await at.server.answer(alice.sends_photo(selfie) if kind == "photo" else alice.says("hello"))
        assert "Something broke" in answer.text
        (written,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert (
            written.getMessage() == {"photo": "what somebody sent was not taken in", "words": "an update broke"}[kind]
        )
        caplog.clear()
        await at.server.answer(alice.says("/help"))
        await at.quiet()
    assert len(alice.chat.from_bot()) == 2


async def test_telegram_away_at_the_start_is_waited_for(at: ChatFixture) -> None:
    alice = await at.person()
    await at.server.down()
    async with at.serving():
        await asyncio.sleep(0.2)
        await at.server.up()
        await at.server.answer(alice.says("/help"))


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_refused_token_ends_with_a_word(server: TelegramServer, at: ChatFixture, meanwhile: bool) -> None:
    async def until_it_ends() -> None:
        async with at.serving() as task:
            await server.until(lambda: not meanwhile or server.sent("getUpdates"))
            server.token = revoked
            await asyncio.wait({task}, timeout=10)

    revoked = "110201543:" + "B" * 35
    server.token = server.token if meanwhile else revoked
    with pytest.raises(UserError, match="telegram_token_refused"):
        await until_it_ends()
