"""A database server that is cut off, unreachable or silent; conftest.py collects this where there is one."""

# ruff: noqa: PT012 - the error may come from any step of the unit

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from storage.database import make_engine
from storage.errors import DatabaseAway, DatabaseRefused
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory, unit_of_work_factory
from tests.storage import databases

pytestmark = pytest.mark.parametrize("migrated", databases.PARAMS[1:], indirect=True)


class Wire:
    """A TCP relay to the server that can be cut, or fall silent."""

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.silent = False
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        self.writers += [writer, far_writer]
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            self.tasks.add(asyncio.create_task(self.relay(source, sink)))

    async def relay(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if not self.silent:
                sink.write(data)

    def cut(self) -> None:
        for task in self.tasks:
            task.cancel()
        for writer in self.writers:
            writer.transport.abort()


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[tuple[Wire, AsyncEngine, asyncio.Server]]:
    real = make_url(url)
    wire = Wire(real.host or "127.0.0.1", real.port or 3306)
    server = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    engine = make_engine(real.set(host="127.0.0.1", port=port).render_as_string(hide_password=False))
    yield wire, engine, server
    wire.cut()
    server.close()
    await engine.dispose()


async def test_a_server_lost_mid_way_is_away_and_comes_back(
    database_url: str, begin: UnitOfWorkFactory, now: datetime
) -> None:
    async with wired(database_url) as (wire, engine, _):
        far = unit_of_work_factory(engine)
        with pytest.raises(DatabaseAway):
            async with far() as uow:
                await uow.users.find_or_create("discord", "9", "Ann", now)
                wire.cut()
                await uow.commit()
        async with far() as uow:  # the next unit connects anew
            assert await uow.users.find("discord", "9") is None


async def test_a_server_that_cannot_be_reached_is_away(database_url: str) -> None:
    async with wired(database_url) as (_, engine, server):
        server.close()
        with pytest.raises(DatabaseAway):
            async with unit_of_work_factory(engine)() as uow:
                await uow.users.get(1)


async def test_a_silent_server_is_away(database_url: str) -> None:
    async with wired(database_url) as (wire, engine, _):
        async with unit_of_work_factory(engine)() as uow:
            assert await uow.users.get(1) is None
        uow = UnitOfWork(async_sessionmaker(engine), patience_s=0.3)
        with pytest.raises(DatabaseAway):
            async with uow:
                assert await uow.users.get(1) is None
                wire.silent = True
                await uow.users.get(1)


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"database": "selfietune_nowhere"}])
async def test_a_wrong_password_or_name_is_refused(database_url: str, wrong: dict[str, str]) -> None:
    url = make_url(database_url).set(**wrong)  # type: ignore[arg-type]
    engine = make_engine(url.render_as_string(hide_password=False))
    with pytest.raises(DatabaseRefused):
        async with unit_of_work_factory(engine)() as uow:
            await uow.users.get(1)
    await engine.dispose()
