"""A selfie comes in: what is kept, what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from handlers.deps import Deps
from handlers.errors import Refused
from handlers.events import SelfieReceived, Sender
from handlers.intake.selfie import kind_of, receive_selfie
from handlers.library.story import history
from handlers.song_options import SongOptions
from storage.song_states import SongState
from tests.handlers.conftest import ANN, NotedQueue
from tests.handlers.planned_songs import JPEG, row, selfie


async def test_the_row_the_photo_and_the_job_are_there(deps: Deps, queue: NotedQueue, tmp_path: Path) -> None:
    song_id = await selfie(deps)
    song = await row(deps, song_id)
    assert (song.status, song.source, song.reply_to) == (SongState.RECEIVED, "terminal", {"chat": "1"})
    assert queue.put_jobs == [("draft", song_id, 0)]
    (photo,) = (tmp_path / "media").rglob("*.selfie")
    assert photo.read_bytes() == JPEG
    assert stat.S_IMODE(photo.stat().st_mode) == 0o600
    assert stat.S_IMODE(photo.parent.stat().st_mode) == 0o700


async def test_a_name_of_emoji_survives(deps: Deps) -> None:
    sender = Sender("terminal", "42", "👩‍👩‍👧‍👦 ʇsǝʇ 张")
    song = await row(deps, await selfie(deps, sender=sender))
    assert song.username == sender.username


async def test_a_second_selfie_is_the_same_persons(deps: Deps) -> None:
    first, second = await row(deps, await selfie(deps)), await row(deps, await selfie(deps))
    assert first.user_id == second.user_id
    assert first.session_id != second.session_id
    assert [song.id for song in await history(ANN, deps=deps)] == [second.id, first.id]


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (b"", SongOptions(), "empty_file"),
        (bytes(20_000_001), SongOptions(), "file_too_large"),
        (JPEG, SongOptions(duration_s=4.9), "bad_duration"),
        (JPEG, SongOptions(duration_s=120.1), "bad_duration"),
        (JPEG, SongOptions(duration_s=float("nan")), "bad_duration"),
        (JPEG, SongOptions(duration_s=float("inf")), "bad_duration"),
    ],
)
async def test_what_cannot_be_used_leaves_nothing(
    deps: Deps, queue: NotedQueue, tmp_path: Path, data: bytes, options: SongOptions, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await receive_selfie(SelfieReceived(ANN, data, {}, options), deps=deps)
    assert refused.value.code == code
    assert queue.put_jobs == []
    assert not (tmp_path / "media").exists()
    assert await deps.commit(lambda unit: unit.users.find(ANN.platform, ANN.account_id)) is None


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"hello world!", "application/octet-stream"),
    ],
)
def test_the_first_bytes_name_the_type(start: bytes, mime: str) -> None:
    assert kind_of(start) == mime
