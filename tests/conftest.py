"""What tests of several floors share: migrated databases of every kind at hand, a Redis, the mood weights."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.backends.deepface.weights import build_weights
from storage.migrate import upgrade
from tests import fast_rule, skip_rule
from tests.bot.redis_server import RedisServer
from tests.storage import databases

if TYPE_CHECKING:
    from tests.s3_server import S3Server

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(fast_rule)
    pluginmanager.register(skip_rule)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that holds the tables."""
    file = tmp_path_factory.mktemp("tables") / "template.db"
    asyncio.run(upgrade(f"{databases.SQLITE}{file}"))
    return file


@pytest.fixture(scope="session", params=databases.PARAMS)
def migrated(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database that holds the tables: SQLite, and the server where one is given."""
    if request.param == "sqlite":
        yield f"{databases.SQLITE}{request.getfixturevalue('tables')}"
        return
    url = databases.server_url("tests")
    asyncio.run(databases.create(url))
    asyncio.run(upgrade(url))
    yield url
    asyncio.run(databases.drop(url))


@pytest.fixture
def database_url(migrated: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with empty tables."""
    if migrated.startswith(databases.SQLITE):
        yield databases.copied(Path(migrated.removeprefix(databases.SQLITE)), tmp_path)
        return
    yield migrated
    asyncio.run(databases.empty(migrated))


@pytest.fixture
def sqlite_url(tables: Path, tmp_path: Path) -> str:
    """The same on SQLite alone: for what another database could not change, and for ids that begin at 1."""
    return databases.copied(tables, tmp_path)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 of this test process, which itself finds it as any program would: by the environment."""
    from tests.s3_server import s3_server  # moto and boto3 take a second

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
