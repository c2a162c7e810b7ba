"""A workshop of worker processes for each module that needs one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bot.workshop import Shift, Workshop, workshop
from tests.storage import databases


@pytest.fixture(scope="module")
def shop(
    migrated: str, weights_home: Path, portrait: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workshop]:
    with workshop(tmp_path_factory.mktemp("shop"), migrated, weights_home, portrait) as shop:
        yield shop
    if not migrated.startswith("sqlite"):
        asyncio.run(databases.run(migrated, ["DELETE FROM users"]))


@pytest.fixture
async def shift(shop: Workshop) -> AsyncIterator[Shift]:
    async with shop.opened() as shift:
        yield shift
