"""Vote counts on the buttons of songs follow the votes, throttled. Chat processes call these in a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from handlers.deps import Deps
from handlers.ports import MessageRef
from handlers.responses import Rows
from handlers.serialization import from_json
from handlers.song_options import SongOptions
from handlers.songs.caption import song_buttons
from storage.repositories.messages.vote_counts import VoteCountsRow
from storage.unit_of_work import UnitOfWork

BATCH = 200  # messages a look; the rest follows with the next one


@dataclass(frozen=True, slots=True)
class DueCounts:
    """A song message whose buttons have to change now."""

    song_id: int
    message_ref: MessageRef
    up: int
    down: int
    buttons: Rows


async def due_counts(platform: str, *, deps: Deps, mine: Callable[[MessageRef], bool] | None = None) -> list[DueCounts]:
    """Take the song messages whose counts have changed; of several processes one gets each."""
    now = deps.clock.now()
    until = now + timedelta(seconds=deps.limits.card_every_s)
    found = await deps.read(lambda unit: unit.vote_counts.due(platform, now=now, limit=BATCH))
    rows = [row for row in found if mine is None or mine(_message_ref(row))]
    if not rows:
        return []

    async def take_counts(unit: UnitOfWork) -> list[DueCounts]:
        taken = [row for row in rows if await unit.vote_counts.take(row, now=now, until=until)]
        return [await _due_counts_of(row, unit=unit) for row in taken]

    return await deps.commit(take_counts)


async def counts_shown(due: DueCounts, *, deps: Deps) -> None:
    """Note that the buttons show these counts (or that the message is gone); newer votes come again."""

    async def settle_counts(unit: UnitOfWork) -> None:
        await unit.vote_counts.lock(due.song_id)
        if await unit.votes.counts(due.song_id) == (due.up, due.down):
            await unit.vote_counts.mark_shown(due.song_id)

    await deps.commit(settle_counts)


async def _due_counts_of(row: VoteCountsRow, *, unit: UnitOfWork) -> DueCounts:
    song_id, song = row.generation_id, await unit.songs.get(row.generation_id)
    up, down = await unit.votes.counts(song_id)
    locale = from_json(SongOptions, song.options).locale if song else "en"
    return DueCounts(song_id, _message_ref(row), up, down, song_buttons(locale, song_id, up=up, down=down))


def _message_ref(row: VoteCountsRow) -> MessageRef:
    return {key: str(value) for key, value in (row.message_ref or {}).items()}
