"""What the tests of handlers, bot and the whole story share: a migrated database, a Redis, the mood weights."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.backends.deepface_weights import build_weights
from storage.migrate import upgrade
from tests.bot.redis_server import RedisServer
from tests.s3_server import S3Server, s3_server
from tests.storage import databases

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", params=databases.KINDS)
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that holds the tables: SQLite, and the server where one is given."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('tables') / 'template.db'}"
        asyncio.run(upgrade(url))
        yield url
        return
    url = databases.server_url("floors")
    asyncio.run(databases.create(url))
    asyncio.run(upgrade(url))
    yield url
    asyncio.run(databases.drop(url))


@pytest.fixture
def database_url(migrated: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with empty tables."""
    if migrated.startswith("sqlite"):
        shutil.copy(migrated.removeprefix("sqlite+aiosqlite:///"), tmp_path / "test.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    yield migrated
    asyncio.run(databases.run(migrated, [f"DELETE FROM {table}" for table in ("users", "arrivals", "memos")]))


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 of this test process, which itself finds it as any program would: by the environment."""
    with s3_server() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of this test process."""
    with RedisServer.on_socket() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def weights_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DEEPFACE_HOME with the weights that set-up builds."""
    home = tmp_path_factory.mktemp("deepface")
    build_weights(home)
    return home


@pytest.fixture(scope="session")
def portrait() -> Path:
    """A photo of one smiling face."""
    return ROOT / "samples" / "eileen_collins.jpg"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed run; `-ra` names it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if "CI" in os.environ and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
