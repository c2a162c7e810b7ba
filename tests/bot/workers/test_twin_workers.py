"""Two workers that hold the same job at the same time, under the same id: the song is made once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from arq.constants import in_progress_key_prefix

from handlers.ports import Stage
from storage.song_states import SongState
from tests.bot.processes import OwnProcess
from tests.bot.system import Shift, System
from tests.bot.waiting import until


@pytest.fixture
async def twin(system: System, tmp_path: Path, state: SongState) -> AsyncIterator[OwnProcess]:
    """A second worker of the kind that has the state at work, frozen until it is wanted."""
    arguments = ("bot", "--verbose", "worker", _stage(state))
    worker = OwnProcess(arguments, system.settings, system.folder, tmp_path / "twin.log")

    async def serving() -> bool:
        assert worker.alive, worker.said()
        return "Starting worker" in worker.said()

    try:
        worker.start()
        await until(serving, "the second worker")
        worker.freeze()
        yield worker
    finally:
        if worker.alive:
            worker.thaw()
            worker.kill()


def _stage(state: SongState) -> Stage:
    return "music" if state == SongState.RENDERING else "draft"


@pytest.mark.parametrize("state", [SongState.READING, SongState.DRAFTING, SongState.RENDERING])
async def test_one_of_two_workers_with_the_same_job_id_makes_the_song(
    shift: Shift, twin: OwnProcess, state: SongState
) -> None:
    stage = _stage(state)
    async with shift.held(state) as song_id:
        job, holder = f"{stage}:{song_id}:0", (await shift.song(song_id)).lease
        twin.thaw()
        sign = "→" if state == SongState.RENDERING else "←"

        async def taken_up() -> bool:
            """Without its mark both pick the job; it is put again, in case the first was quicker once more."""
            with shift.system.redis.client() as client:
                client.delete(f"{in_progress_key_prefix}{job}")
            await shift.process.deps.queue.put(stage, song_id, attempt=0, platform="terminal")
            return f"{sign} {job}:" in twin.said()

        await until(taken_up, "the second worker to begin the same job, and to find it taken")
        song = await shift.song(song_id)
        if state != SongState.RENDERING:  # there the holder stands still, and may count as dead by now
            assert (song.lease, song.attempts) == (holder, 1)
    song = await shift.arrives_once(song_id)
    assert await shift.count("emotions", song.session_id) == 1
    assert await shift.count("events", song.session_id, "agent = 'compose'") == 1


async def test_the_events_say_who_wrote_and_why(shift: Shift) -> None:
    """The language model refuses every call here."""
    song = await shift.arrives_once(await shift.send())
    events = await shift.process.deps.read(lambda unit: unit.event_log.for_session(song.session_id))
    told = {event.agent: event.payload or {} for event in events}
    for agent in ("draft", "personalise"):
        assert (told[agent]["source"], told[agent]["why"]) == ("template", "unreachable")
