"""A running_system of worker processes for each module that needs one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bot.system import Shift, System, running_system


@pytest.fixture(scope="module")
def system(
    migrated: str, weights_home: Path, portrait: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("shop"), migrated, weights_home, portrait) as system:
        yield system


@pytest.fixture
async def shift(system: System) -> AsyncIterator[Shift]:
    async with system.opened() as shift:
        yield shift
