"""kill -9 of each worker while it has a song in its hands, in every state: the song still arrives, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.events import SelfieReceived, Sender
from handlers.intake.selfie import receive_selfie
from handlers.song_options import SongOptions
from storage.song_states import SongState
from tests.bot.chat_process import PLATFORM
from tests.bot.processes import OwnProcess
from tests.bot.system import Shift
from tests.bot.waiting import until


@pytest.mark.parametrize(
    "state", [SongState.RECEIVED, SongState.READING, SongState.DRAFTING, SongState.QUEUED, SongState.RENDERING]
)
async def test_a_killed_workers_song_arrives_once(shift: Shift, state: SongState) -> None:
    async with shift.held(state) as song_id:
        shift.system.worker_at(state).kill()
        assert (await shift.song(song_id)).status == state
    await shift.system.staffed()
    await shift.arrives_once(song_id)


async def test_a_song_arrives_once_when_its_chat_process_is_killed_sending_it(shift: Shift, tmp_path: Path) -> None:
    system, slow, paper = shift.system, tmp_path / "slow", tmp_path / "paper.txt"
    slow.touch()
    chat = OwnProcess(("tests.bot.chat_process", str(tmp_path)), system.settings, system.folder, tmp_path / "chat.log")
    chat.start()
    sender = Sender(PLATFORM, "ann", "Ann")
    event = SelfieReceived(sender, system.portrait, {}, SongOptions(duration_s=5.0))
    song_id = await receive_selfie(event, deps=shift.process.deps)

    async def begun() -> bool:
        return paper.exists() and paper.read_text().endswith("\n")  # a kill may fall between open and write

    await until(begun, "the chat to begin")
    chat.kill()
    assert (await shift.song(song_id)).status == SongState.DELIVERING
    slow.unlink()
    chat.start()
    try:
        song = await shift.reaches(song_id, SongState.DELIVERED)
    finally:
        chat.kill()
    assert paper.read_text().splitlines() == [f"begun {song_id}", f"begun {song_id}", f"sent {song_id}"]
    assert await shift.count("assets", song.session_id, "type = 'audio'") == 1
    await shift.no_photo_is_left()
