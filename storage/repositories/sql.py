"""SQL that repositories share: columns by a row dataclass, counted changes, one row per person."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import CursorResult, Delete, Select, Update, insert, select, update

from storage.tables.people import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute

    from storage.tables.columns import Base

    Row = TypeVar("Row", bound=DataclassInstance)


def columns(
    row: type[DataclassInstance], *tables: type[Base], **computed: ColumnElement[Any]
) -> list[InstrumentedAttribute[Any] | ColumnElement[Any]]:
    """List the columns that fill a row dataclass; of several tables with a name the first gives it."""
    return [
        computed[field.name]
        if field.name in computed
        else next(getattr(table, field.name) for table in tables if hasattr(table, field.name))
        for field in fields(row)
    ]


async def rows(session: AsyncSession, row: type[Row], statement: Select[Any]) -> list[Row]:
    """Run a SELECT of a row dataclass's columns."""
    return [row(**found._mapping) for found in await session.execute(statement)]


async def one(session: AsyncSession, row: type[Row], statement: Select[Any]) -> Row | None:
    """Run such a SELECT that finds at most one row."""
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else row(**found._mapping)


async def changed(session: AsyncSession, statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE and count the rows that it matched."""
    result = await session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


async def write_one(
    session: AsyncSession,
    table: type[Base],
    *,
    user_id: int,
    key: Mapping[str, object],
    given: Mapping[str, object],
    first: Mapping[str, object] | None = None,
) -> bool:
    """Set the given columns of the row with this key, or insert it (with `first` too); False: no such user.

    The person's row in `users` is locked meanwhile. Only that person writes such rows, so two presses of one
    button come one after the other, others' do not wait, and no database's own upsert is needed.
    """
    if await session.scalar(select(User.id).where(User.id == user_id).with_for_update()) is None:
        return False
    matches = [getattr(table, name) == value for name, value in key.items()]
    exists = await session.scalar(select(1).select_from(table).where(*matches))
    if exists is None:
        await session.execute(insert(table).values(**key, **(first or {}), **given))
    elif given:
        await changed(session, update(table).where(*matches).values(**given))
    return True
