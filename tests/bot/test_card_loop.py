"""What the card loop makes of each end that a message may have; the adapters' own tests show the messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.card_loop import CardLoop
from handlers.button_actions import ButtonAction
from handlers.deps import Deps
from handlers.feedback.vote_counts import due_counts
from handlers.ports import ChatGone, ChatLater, MessageRef, Undecided
from handlers.responses import Rows
from handlers.status_cards.due import DueCard, due_card
from storage.database import make_engine
from storage.media import Media
from storage.unit_of_work import unit_of_work_factory
from tests.bot.waiting import until
from tests.handlers.world import ANN, BOB, PLATFORM, MemoryQueue, MovableClock, World, pressed

LONG_S = 60.0  # more than any claim or pause of a card


@dataclass
class Board:
    """`CardMessages` on a board that keeps every change; `troubles` are raised by the next ones."""

    changes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)  # cleared, it holds changes as a slow network does
    under_way: int = 0
    most_under_way: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    async def send(self, due: DueCard) -> MessageRef:
        await self._change(f"send {due.song_id}: {due.card.text}")
        return {"key": str(due.song_id), "place": due.reply_to["place"]}

    async def edit(self, due: DueCard, ref: MessageRef) -> MessageRef:
        await self._change(f"edit {ref['key']}: {due.card.text}")
        return ref

    async def delete(self, ref: MessageRef) -> None:
        await self._change(f"delete {ref['key']}")

    async def set_buttons(self, ref: MessageRef, buttons: Rows) -> None:
        await self._change("buttons")
        self.labels = [button.label for row in buttons for button in row]

    async def _change(self, what: str) -> None:
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        self.changes.append(what)
        try:
            await self.open.wait()
        finally:
            self.under_way -= 1
        if self.troubles:
            raise self.troubles.pop(0)

    async def until(self, *starts: str) -> None:
        """Wait until the changes are these, by how each begins."""

        async def look() -> bool:
            return len(self.changes) >= len(starts)

        await until(look, f"{starts}, there is {self.changes}")
        assert [change[: len(start)] for change, start in zip(self.changes, starts, strict=True)] == list(starts)


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    engine = make_engine(sqlite_url)
    clock, queue = MovableClock(), MemoryQueue()
    deps = Deps(unit_of_work_factory(engine), Media((tmp_path / "media").as_uri()), queue, clock)
    yield World(deps, clock, queue)
    await engine.dispose()


@pytest.fixture
def board() -> Board:
    return Board()


@asynccontextmanager
async def showing(board: Board, world: World, *, at_once: int | None = None) -> AsyncIterator[CardLoop]:
    """Keep cards up to date while the body runs."""
    loop = CardLoop(board, platform=PLATFORM, deps=world.deps, at_once=at_once)
    task = asyncio.create_task(loop.keep_showing())
    try:
        yield loop
    finally:
        board.open.set()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def no_card(world: World, song_id: int) -> None:
    """Wait until a song's card is closed."""

    async def look() -> bool:
        return await world.deps.read(lambda unit: unit.status_cards.of(song_id)) is None

    await until(look, "the card to be closed")


async def noted(world: World, song_id: int) -> None:
    """Wait until the card's message is known to the database."""

    async def look() -> bool:
        card = await world.deps.read(lambda unit: unit.status_cards.of(song_id))
        return card is not None and card.message_ref is not None and card.shown == card.claimed

    await until(look, "the card to be noted")


async def test_a_card_is_sent_edited_and_deleted_with_its_song(world: World, board: Board) -> None:
    song_id = await world.selfie()
    async with showing(board, world) as loop:
        await loop.show_now(song_id)
        await board.until("send 1")
        await noted(world, song_id)
        await world.draft()
        world.clock.forward(LONG_S)
        await board.until("send 1", "edit 1: Mood: happy")
        await noted(world, song_id)
        await world.render(song_id)
        await world.deliver()
        world.clock.forward(LONG_S)
        await board.until("send 1", "edit 1", "delete 1")
        await no_card(world, song_id)


async def test_a_card_that_may_stand_there_is_sent_no_second_time(world: World, board: Board) -> None:
    board.troubles.append(Undecided())
    song_id = await world.selfie()
    async with showing(board, world):
        await no_card(world, song_id)
    assert len(board.changes) == 1


@pytest.mark.parametrize("trouble", [ChatLater(), Undecided(), RuntimeError("a bug")])
async def test_an_edit_that_failed_comes_again(
    world: World, board: Board, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    song_id = await world.selfie()
    async with showing(board, world):
        await noted(world, song_id)
        board.troubles.append(trouble)
        await world.draft()
        world.clock.forward(LONG_S)
        await board.until("send 1", "edit 1")
        world.clock.forward(LONG_S)
        await board.until("send 1", "edit 1", "edit 1")
        await noted(world, song_id)
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == [
        r for r in caplog.records if isinstance(trouble, RuntimeError) and r.exc_info
    ]


async def test_a_card_that_the_chat_took_later_is_sent_again(world: World, board: Board) -> None:
    board.troubles.append(ChatLater())
    song_id = await world.selfie()
    async with showing(board, world):
        await board.until("send 1")
        world.clock.forward(LONG_S)
        await board.until("send 1", "send 1")
        await noted(world, song_id)


async def test_a_message_that_is_gone_is_let_go(world: World, board: Board) -> None:
    song_id = await world.selfie()
    async with showing(board, world):
        await noted(world, song_id)
        board.troubles.append(ChatGone())
        await world.draft()
        world.clock.forward(LONG_S)
        await no_card(world, song_id)
    assert len(board.changes) == 2


@pytest.mark.parametrize("trouble", [None, ChatGone(), Undecided()])
async def test_counts_follow_the_votes_once(world: World, board: Board, trouble: Exception | None) -> None:
    song_id = await world.finished()
    async with showing(board, world):
        await no_card(world, song_id)  # it was never shown
        board.troubles.extend([trouble] if trouble else [])
        await pressed(world, ButtonAction("vote", song_id, "up").encode())

        async def settled() -> bool:
            world.clock.forward(LONG_S)
            return board.changes == ["buttons"] and await due_counts(PLATFORM, deps=world.deps) == []

        await until(settled, "the counts to be noted")
    assert board.changes == ["buttons"]
    assert trouble or board.labels[0] == "👍 1"


async def test_a_slow_message_holds_no_other_and_so_many_are_changed_at_once(world: World, board: Board) -> None:
    songs = [await world.selfie(sender) for sender in (ANN, BOB, ANN)]
    board.open.clear()
    async with showing(board, world, at_once=2):
        await board.until("send 1", "send 2")
        board.open.set()
        await board.until("send 1", "send 2", "send 3")
        for song_id in songs:
            await noted(world, song_id)
    assert board.most_under_way == 2


async def test_a_slow_edit_is_not_overtaken_by_what_comes_after_it(world: World, board: Board) -> None:
    song_id, other = await world.selfie(), await world.selfie(BOB)
    async with showing(board, world):
        await noted(world, song_id)
        await noted(world, other)
        board.open.clear()
        await world.draft()
        world.clock.forward(LONG_S)
        await board.until("send 1", "send 2", "edit 1", "edit 2")
        await world.render(song_id)
        await world.deliver()
        world.clock.forward(LONG_S)  # the claim is over, and there is something new to show
        third = await world.selfie(BOB)
        await board.until("send 1", "send 2", "edit 1", "edit 2", f"send {third}")  # so it has looked again
        board.open.set()
        await noted(world, other)
        world.clock.forward(LONG_S)
        await no_card(world, song_id)
    assert "delete 1" in board.changes


async def test_what_is_being_sent_at_the_end_is_noted_and_nothing_new_begins(world: World, board: Board) -> None:
    song_id = await world.selfie()
    board.open.clear()
    async with showing(board, world) as loop:
        await board.until("send 1")
    await noted(world, song_id)
    later = await world.selfie(BOB)
    await loop.show_now(later)
    assert board.changes == board.changes[:1]
    assert await due_card(later, deps=world.deps)
