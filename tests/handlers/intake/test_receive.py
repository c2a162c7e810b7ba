from __future__ import annotations

import asyncio

import pytest

from handlers.errors import Refused
from tests.handlers.world import World


async def test_a_redelivered_selfie_is_one_song(world: World) -> None:
    first = await world.selfie(key="m1")
    assert await world.selfie(key="m1") == first
    assert world.queue.jobs == [("draft", first, 0)]
    assert await world.selfie(key="m2") != first


async def test_ten_deliveries_at_once_are_one_song(world: World) -> None:
    ids = await asyncio.gather(*(world.selfie(key="same") for _ in range(10)))
    assert len(set(ids)) == 1
    assert len(world.queue.jobs) == 1
    assert len(await world.files()) == 1


async def test_a_crash_before_the_file_was_kept_is_mended_by_the_next_delivery(world: World) -> None:
    song_id = await world.selfie(key="m1")
    (path,) = await world.files()
    await world.deps.media.remove(path)
    assert await world.selfie(key="m1") == song_id
    assert await world.files() == (path,)


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty_file"), ((), "empty_file"), (b"x" * 20_000_001, "file_too_large")]
)
async def test_unusable_files_leave_nothing(world: World, data: bytes | tuple[bytes, ...], code: str) -> None:
    with pytest.raises(Refused) as caught:
        await world.selfie(data=data)
    assert caught.value.code == code
    assert await world.files() == ()
