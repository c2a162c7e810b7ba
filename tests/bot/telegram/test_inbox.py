"""The inbox: what is acknowledged is stored, and handled once, in each person's order, held up by nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from telegram import Bot, Update

from bot.settings import Settings
from bot.telegram.incoming import inbox as inbox_module
from bot.telegram.incoming.inbox import AT_ONCE, UpdateInbox
from bot.telegram.origins import PLATFORM
from bot.wiring import open_deps
from handlers.deps import Deps
from storage.errors import StorageError
from storage.migrate import downgrade, upgrade
from storage.repositories.messages.inbox import NewEvent
from storage.unit_of_work import UnitOfWork
from tests.bot.database_proxy import DatabaseProxy, FileProxy, WireProxy
from tests.bot.telegram.chat_fixture import ChatFixture
from tests.bot.telegram.test_selfies import songs
from tests.storage import databases
from tests.telegram_server.server import TOKEN

CROWD = 130  # more than Telegram hands out at once, and more than are handled at once
LONG_S = 60
BOT = Bot(TOKEN)


class Handler:
    """What an inbox hands updates to: notes them, and holds up whom the test says."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.most = 0
        self.gates: dict[int, asyncio.Event] = {}

    async def handle(self, update: Update) -> None:
        message = update.effective_message
        assert message is not None
        assert message.from_user is not None
        assert message.text is not None
        self.begun.append(message.text)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        if (gate := self.gates.get(message.from_user.id)) is not None:
            await gate.wait()
        await asyncio.sleep(0)
        self.ended.append(message.text)

    async def until_ended(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.ended) < count:  # noqa: ASYNC110 - the inbox adds to it
                await asyncio.sleep(0.005)


def update(number: int, person: int, **content: object) -> Update:
    """A text in private, whose words are the person and the number."""
    someone = {"id": person, "is_bot": False, "first_name": "P"}
    message = {"message_id": number, "date": 1_700_000_000, "chat": {"id": person, "type": "private"}}
    text = {"from": someone, "text": f"{person}:{number}"}
    return Update.de_json({"update_id": number, "message": message | text | content}, BOT)


@pytest.fixture
def _short_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite give up soon on a lock that somebody else holds."""
    monkeypatch.setattr("storage.database.LOCK_TIMEOUT_S", 1)


@pytest.fixture
def proxy(migrated: str, database_url: str) -> Iterator[DatabaseProxy]:
    """The way to the database."""
    if migrated.startswith(databases.SQLITE):
        yield FileProxy(database_url)
        return
    relay = WireProxy(database_url)
    relay.open()
    yield relay
    relay.close()


@pytest.fixture
async def deps(_short_lock: None, proxy: DatabaseProxy, tmp_path: Path) -> AsyncIterator[Deps]:
    async with open_deps(Settings.model_validate({"data_dir": tmp_path, "database_url": proxy.url})) as opened:
        yield opened


@asynccontextmanager
async def closed(proxy: DatabaseProxy) -> AsyncIterator[None]:
    """Close it when a thread may do so: a unit of this process that has begun to write goes on until then."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as thread:  # SQLite's connections are one thread's
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(thread, stack.enter_context, proxy.closed())
        try:
            yield
        finally:
            await loop.run_in_executor(thread, stack.close)


@asynccontextmanager
async def running(
    handle: Callable[[Update], Awaitable[None]], deps: Deps, *, grace_s: float = 3.0
) -> AsyncIterator[UpdateInbox]:
    """An inbox that handles what is stored until the body ends."""
    inbox = UpdateInbox(BOT, handle, deps=deps)
    task = asyncio.create_task(inbox.handle_stored())
    try:
        yield inbox
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inbox_module, "GRACE_S", grace_s)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def stored(deps: Deps) -> list[str]:
    """The order keys under which something is stored."""
    found = await deps.read(lambda unit: unit.inbox.oldest(PLATFORM, busy=(), limit=1000))
    return [row.order_key for row in found]


async def test_each_persons_updates_are_handled_in_their_order(deps: Deps) -> None:
    handler = Handler()
    async with running(handler.handle, deps) as inbox:
        for start in range(0, 60, 20):
            await inbox.store([update(number, number % 3) for number in range(start, start + 20)])
        await handler.until_ended(60)
    for person in range(3):
        theirs = [text for text in handler.ended if text.startswith(f"{person}:")]
        assert theirs == [f"{person}:{number}" for number in range(person, 60, 3)]
    assert handler.most <= 3
    assert await stored(deps) == []


async def test_what_arrives_at_the_same_time_shares_a_transaction_and_keeps_its_order(deps: Deps) -> None:
    handler, opened = Handler(), list[bool]()

    def open_unit(*, reading: bool = False) -> UnitOfWork:
        opened.append(reading)
        return deps.open_unit(reading=reading)

    inbox = UpdateInbox(BOT, handler.handle, deps=replace(deps, open_unit=open_unit))
    await asyncio.gather(*(inbox.store([update(number, 1)]) for number in range(30)))
    assert len(opened) == 1
    async with running(handler.handle, deps):
        await handler.until_ended(30)
    assert handler.ended == [f"1:{number}" for number in range(30)]


async def test_nobody_waits_behind_somebody_slow_with_much_to_say(deps: Deps) -> None:
    handler = Handler()
    gate = handler.gates[1] = asyncio.Event()
    async with running(handler.handle, deps) as inbox:
        await inbox.store([update(number, 1) for number in range(CROWD)])
        await inbox.store([update(number, number) for number in range(CROWD, 2 * CROWD)])
        await handler.until_ended(CROWD)
        assert [text for text in handler.begun if text.startswith("1:")] == ["1:0"]
        gate.set()
        await handler.until_ended(CROWD + 5)
    assert handler.ended[CROWD : CROWD + 5] == [f"1:{number}" for number in range(5)]


async def test_of_a_burst_only_so_many_are_in_memory(deps: Deps) -> None:
    handler = Handler()
    people = range(1, 2 * AT_ONCE)
    handler.gates = dict.fromkeys(people, asyncio.Event())
    async with running(handler.handle, deps) as inbox:
        await inbox.store([update(person, person) for person in people])
        async with asyncio.timeout(60):
            while len(handler.begun) < AT_ONCE:  # noqa: ASYNC110 - the inbox adds to it
                await asyncio.sleep(0.005)
        await inbox.store([update(1000, 1000)])
        handler.gates[1].set()
        await handler.until_ended(len(people) + 1)
    assert handler.most == AT_ONCE
    assert Counter(handler.ended).most_common(1)[0][1] == 1


async def test_an_update_that_comes_again_before_it_is_handled_is_handled_once(deps: Deps) -> None:
    handler = Handler()
    gate = handler.gates[1] = asyncio.Event()
    async with running(handler.handle, deps) as inbox:
        await asyncio.gather(*(inbox.store([update(5, 1), update(6, 1)]) for _ in range(3)))
        await inbox.store([update(6, 1), update(7, 1)])
        gate.set()
        await handler.until_ended(3)
    assert handler.ended == ["1:5", "1:6", "1:7"]
    assert await stored(deps) == []


async def test_what_ends_within_the_grace_is_done_and_the_rest_is_the_next_processs(deps: Deps) -> None:
    handler = Handler()
    slow, quick = asyncio.Event(), asyncio.Event()
    handler.gates = {1: slow, 2: quick}
    async with running(handler.handle, deps, grace_s=0.5) as inbox:
        await inbox.store([update(1, 1), update(2, 1), update(3, 2), update(4, 2)])
        async with asyncio.timeout(60):
            while len(handler.begun) < 2:  # noqa: ASYNC110 - the inbox adds to it
                await asyncio.sleep(0.005)
        asyncio.get_running_loop().call_later(0.1, quick.set)
    assert handler.ended == ["2:3"]
    assert await stored(deps) == ["1", "2"]
    after = Handler()
    async with running(after.handle, deps):
        await after.until_ended(3)
    assert sorted(after.ended) == ["1:1", "1:2", "2:4"]
    assert after.ended.index("1:1") < after.ended.index("1:2")


async def test_parts_of_an_album_and_what_nobody_sent_wait_for_nobody(deps: Deps) -> None:
    handler = Handler()
    handler.gates[1] = asyncio.Event()
    async with running(handler.handle, deps, grace_s=0) as inbox:
        await inbox.store([update(number, 1, media_group_id="7") for number in range(3)])
        async with asyncio.timeout(60):
            while len(handler.begun) < 3:  # noqa: ASYNC110 - the inbox adds to it
                await asyncio.sleep(0.005)
    assert await stored(deps) == ["u0", "u1", "u2"]


async def test_what_cannot_be_handled_is_written_down_and_holds_nothing_up(
    deps: Deps, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Handler()

    async def handle(update: Update) -> None:
        if update.update_id == 2:
            raise RuntimeError("a bug")
        await handler.handle(update)

    async def store_nonsense(unit: UnitOfWork) -> None:
        nonsense = NewEvent(event_key="1", order_key="1", account_id="1", payload="no JSON")
        await unit.inbox.add(PLATFORM, [nonsense], now=deps.clock.now())

    await deps.commit(store_nonsense)
    async with running(handle, deps) as inbox:
        await inbox.store([update(2, 1), update(3, 1)])
        await handler.until_ended(1)
    assert handler.ended == ["1:3"]
    assert await stored(deps) == []
    written = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert written == ["an update was not handled"] * 2
    caplog.clear()


async def test_a_database_that_is_away_takes_nothing_and_what_was_handled_meanwhile_stays_handled(
    deps: Deps, proxy: DatabaseProxy
) -> None:
    handler = Handler()
    gate = handler.gates[1] = asyncio.Event()
    async with running(handler.handle, deps) as inbox:
        await inbox.store([update(1, 1), update(2, 1)])
        async with asyncio.timeout(60):
            while not handler.begun:  # noqa: ASYNC110 - the inbox adds to it
                await asyncio.sleep(0.005)
        async with closed(proxy):
            failed = await asyncio.gather(
                inbox.store([update(3, 1)]), inbox.store([update(4, 1)]), return_exceptions=True
            )
            assert [isinstance(error, StorageError) for error in failed] == [True, True]
            gate.set()
            await handler.until_ended(1)
            await asyncio.sleep(0.5)
        await inbox.store([update(3, 1)])
        await handler.until_ended(3)
    assert handler.ended == ["1:1", "1:2", "1:3"]
    assert await stored(deps) == []


async def receives(at: ChatFixture, *, webhook: bool) -> None:
    await at.server.until(lambda: at.server.updates.webhook if webhook else at.server.sent("getUpdates"))


@pytest.mark.usefixtures("_short_lock")
@pytest.mark.parametrize("webhook", [False, True])
async def test_telegram_keeps_its_updates_while_the_database_is_away(at: ChatFixture, webhook: bool) -> None:
    alice = await at.person()
    updates = at.server.updates
    async with at.serving(webhook=webhook):
        await receives(at, webhook=webhook)
        async with closed(FileProxy(at.settings.database)):
            said = alice.says("/help")
            (number,) = updates.pending
            await at.server.until(lambda: updates.deliveries[number] > 1)
            assert number in updates.pending
        await at.server.answer(said)
        await at.quiet()
    assert len(alice.chat.from_bot()) == 1
    assert updates.last_error.endswith("503 Service Unavailable" if webhook else "")


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
        await at.server.until(lambda: all(person.chat.from_bot() for person in crowd), within_s=60)
        await at.server.until(lambda: not at.server.updates.pending)  # hers among them
    assert not await at.songs_of(alice)
    assert await at.stored() == 1
    async with at.serving():
        await songs(at, alice)
        await at.server.until(alice.chat.from_bot)
        await at.quiet()
    assert len(await at.songs_of(alice)) == 1
    assert [len(person.chat.from_bot()) for person in crowd] == [1] * CROWD


@pytest.mark.parametrize("webhook", [False, True])
@pytest.mark.parametrize("pictures", [1, 3])
async def test_a_process_that_ends_over_pictures_leaves_all_of_them_to_the_next(
    at: ChatFixture, selfie: bytes, pictures: int, webhook: bool
) -> None:
    alice = await at.person()
    at.server.faults.slow("file", delay_s=LONG_S)
    async with at.serving(webhook=webhook, timeout_s=LONG_S):
        await receives(at, webhook=webhook)
        if pictures == 1:
            alice.sends_photo(selfie)
        else:
            alice.sends_album([selfie] * pictures)
        await at.server.until(lambda: at.server.sent("file"))
        await at.server.until(lambda: not at.server.updates.pending)
    assert not await at.songs_of(alice)
    assert await at.stored() == pictures
    before = len(at.server.sent("file"))
    async with at.serving(webhook=webhook):
        await songs(at, alice)
        await at.server.until(alice.chat.from_bot)
        await at.quiet()
    assert len(at.server.sent("file")) - before == pictures
    assert len(await at.songs_of(alice)) == 1
    assert len(alice.chat.from_bot()) == 1


async def test_what_comes_again_while_it_is_handled_is_stored_once(at: ChatFixture, selfie: bytes) -> None:
    alice = await at.person()
    at.server.faults.slow("file", delay_s=LONG_S)
    async with at.serving(webhook=True, timeout_s=LONG_S):
        await receives(at, webhook=True)
        at.server.updates.lose_answers = 3
        alice.sends_photo(selfie)
        await at.server.until(lambda: at.server.sent("file"))
        await at.server.until(lambda: not at.server.updates.pending)
        assert max(at.server.updates.deliveries.values()) == 4
        assert len(at.server.sent("file")) == 1
    assert await at.stored() == 1


async def test_updates_that_were_kept_before_the_upgrade_are_handled_once(at: ChatFixture, selfie: bytes) -> None:
    """Then they were named values, as the library writes an update."""
    alice, database = await at.person(), at.settings.database
    alice.sends_photo(selfie)
    alice.says("/tempo set 70 120")
    alice.says("/tempo set 71 120")
    kept = {number: Update.de_json(sent, BOT).to_json() for number, (_, sent) in at.server.updates.pending.items()}
    at.server.updates.pending.clear()  # they were acknowledged
    await downgrade(database, "0003")

    async def keep_updates(unit: UnitOfWork) -> None:
        for number, value in kept.items():
            await unit.key_values.set(f"telegram.held:{number}", value)

    await at.process.deps.commit(keep_updates)
    await upgrade(database)
    for _ in range(2):
        async with at.serving():
            await receives(at, webhook=False)
            await at.quiet()
    card, *answers = alice.chat.from_bot()
    assert len(answers) == 2
    assert ["70" in answers[0].text, "71" in answers[1].text] == [True, True]
    assert card.reply_to is not None
    assert len(await at.songs_of(alice)) == 1
    assert not await at.process.deps.read(lambda unit: unit.key_values.named("telegram.held"))
