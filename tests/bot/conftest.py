"""A workshop of worker processes for each module that needs one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bot.workshop import Shift, Workshop, workshop


@pytest.fixture(scope="module")
def shop(
    migrated: str, weights_home: Path, portrait: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workshop]:
    with workshop(tmp_path_factory.mktemp("shop"), migrated, weights_home, portrait) as shop:
        yield shop


@pytest.fixture
async def shift(shop: Workshop) -> AsyncIterator[Shift]:
    async with shop.opened() as shift:
        yield shift
