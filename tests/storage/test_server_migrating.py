"""Migrating a server, which commits at every step; conftest.py collects this where there is one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from storage.migrate import upgrade
from tests.storage import databases

pytestmark = pytest.mark.parametrize("migrated", databases.PARAMS[1:], indirect=True)


async def test_the_lock_is_let_go_when_all_is_committed(blank_url: str) -> None:
    """Between the two another process would read the number before the last step's, and take that step again."""
    said: list[str] = []

    def hear(*args: Any) -> None:
        said.append(args[2])

    def committed(_: Connection) -> None:
        said.append("COMMIT")

    event.listen(Engine, "before_cursor_execute", hear)
    event.listen(Engine, "commit", committed)
    try:
        await upgrade(blank_url)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
        event.remove(Engine, "commit", committed)
    numbered = max(n for n, words in enumerate(said) if words.startswith("UPDATE alembic_version"))
    released = next(n for n, words in enumerate(said) if "RELEASE_LOCK" in words)
    assert "COMMIT" in said[numbered:released]
