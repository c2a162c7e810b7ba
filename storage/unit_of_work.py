"""One transaction with every repository on it. Handlers open one per step and let go before slow work."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, Self

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from storage.database import READING
from storage.errors import DatabaseAway
from storage.repositories.account_links import AccountLinks
from storage.repositories.assets import Assets
from storage.repositories.emotions import Emotions
from storage.repositories.event_log import EventLog
from storage.repositories.idempotency_keys import IdempotencyKeys
from storage.repositories.key_values import KeyValues
from storage.repositories.messages.inbox import Inbox
from storage.repositories.messages.outbox import Outbox
from storage.repositories.messages.pending_selfies import PendingSelfies
from storage.repositories.messages.status_cards import StatusCards
from storage.repositories.messages.vote_counts import VoteCounts
from storage.repositories.preferences import Preferences
from storage.repositories.song_queries import SongQueries
from storage.repositories.songs import Songs
from storage.repositories.users import Users
from storage.repositories.votes import Votes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from types import TracebackType

PATIENCE_S = 30.0  # for a whole unit; a silent server must not hold a handler for ever
LET_GO_S = 5.0  # for the commit or rollback of a unit whose task is cancelled while it ends


class UnitOfWork:
    """`async with` begins it, `commit()` keeps its changes, leaving without that rolls back.

    For one task and one use. Raises `DatabaseAway` and `Conflict` (storage.errors), also at commit.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        *,
        turn: asyncio.Lock | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """turn: held from beginning to end, by those who would be in each other's way."""
        self._session = sessions()
        self._turn = turn
        self._patience_s = patience_s
        self._stack = AsyncExitStack()
        self.users = Users(self._session)
        self.songs = Songs(self._session)
        self.song_queries = SongQueries(self._session)
        self.votes = Votes(self._session)
        self.vote_counts = VoteCounts(self._session)
        self.emotions = Emotions(self._session)
        self.assets = Assets(self._session)
        self.event_log = EventLog(self._session)
        self.preferences = Preferences(self._session)
        self.status_cards = StatusCards(self._session)
        self.outbox = Outbox(self._session)
        self.idempotency_keys = IdempotencyKeys(self._session)
        self.account_links = AccountLinks(self._session)
        self.key_values = KeyValues(self._session)
        self.inbox = Inbox(self._session)
        self.pending_selfies = PendingSelfies(self._session)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_answered_within(self._patience_s))
            if self._turn is not None:
                await stack.enter_async_context(self._turn)
            stack.push_async_callback(self._let_go)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def _let_go(self) -> None:
        """Roll back and give the connection back, so that no unit outlives its task."""
        await _finish_despite_cancel(self._session.close())

    async def commit(self) -> None:
        """Keep the changes. It gives the connection back, too: SQLAlchemy logs an error when that is broken off."""
        await _finish_despite_cancel(self._session.commit())


class UnitOfWorkFactory(Protocol):
    """Makes units of work. reading=True promises not to write: on SQLite it then never waits for writers."""

    def __call__(self, *, reading: bool = False) -> UnitOfWork: ...


def unit_of_work_factory(engine: AsyncEngine) -> UnitOfWorkFactory:
    """Bind units of work to an engine, which stays the caller's to dispose of.

    SQLite lets one writer in and has the others look again every 100 ms, whoever comes first: those of one
    process queue up here instead. Writers of other processes are waited for by SQLite.
    """
    turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None
    writing = async_sessionmaker(engine, expire_on_commit=False)
    reading_only = async_sessionmaker(engine.execution_options(**{READING: True}), expire_on_commit=False)

    def begin(*, reading: bool = False) -> UnitOfWork:
        return UnitOfWork(reading_only) if reading else UnitOfWork(writing, turn=turn)

    return begin


@asynccontextmanager
async def _answered_within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds) as clock:
            yield
    except TimeoutError as late:
        if not clock.expired():
            raise
        raise DatabaseAway(f"no answer within {seconds:g} s") from late
    except PoolTimeout as busy:
        raise DatabaseAway("every connection is in use") from busy


async def _finish_despite_cancel(work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end, however often our own task is cancelled meanwhile; LET_GO_S later it is broken off."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task}, timeout=None if cancelled is None else LET_GO_S)
            task.cancel()  # too late; nothing to a task that is done
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # seen, but our task ends as one that was cancelled
    raise cancelled
