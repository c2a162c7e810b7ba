from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from storage.repositories.song_rows import SongRow, StaleSong
from storage.song_states import ACTIVE, AHEAD, ENDS, NEEDS_NOTICE, NEEDS_PHOTO, WORKING, SongState
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.storage.conftest import MakeSong

SECOND = timedelta(seconds=1)


async def song(begin: UnitOfWorkFactory, song_id: int) -> SongRow:
    async with begin(reading=True) as uow:
        found = await uow.songs.get(song_id)
    assert found is not None
    return found


async def claim(begin: UnitOfWorkFactory, song_id: int, lease: str, now: datetime) -> SongRow | None:
    """Claim as a worker does: any song that is received or queued, leases die after 30 s."""
    async with begin() as uow:
        claimed = await uow.songs.claim(
            song_id,
            states={SongState.RECEIVED, SongState.QUEUED},
            lease=lease,
            now=now,
            stale_before=now - 30 * SECOND,
        )
        await uow.commit()
    return claimed


def test_every_state_is_active_or_an_end() -> None:
    assert frozenset(SongState) == ACTIVE | ENDS
    assert not ACTIVE & ENDS
    assert NEEDS_PHOTO < AHEAD < WORKING < ACTIVE


async def test_a_new_song_comes_back_whole(begin: UnitOfWorkFactory, ann: int, now: datetime) -> None:
    options = {"duration": 12.5, "mood": "happy", "seed": 7, "note": "für Élise 🎹", "engine": None}
    async with begin() as uow:
        session_id = await uow.users.open_session(ann, "telegram", now)
        first = await uow.songs.add(
            session_id=session_id,
            user_id=ann,
            status=SongState.RECEIVED,
            options=options,
            reply_to={"chat": -100123, "message": 5},
            now=now,
        )
        take = await uow.songs.add(
            session_id=session_id,
            user_id=ann,
            status=SongState.QUEUED,
            options=None,
            reply_to=None,
            now=now,
            take_of=first,
        )
        await uow.commit()
    kept = await song(begin, first)
    assert (kept.status, kept.username, kept.source, kept.attempts) == (SongState.RECEIVED, "Ann", "telegram", 0)
    assert (kept.options, kept.reply_to) == (options, {"chat": -100123, "message": 5})
    assert kept.created_at == kept.heartbeat_at == now  # to the microsecond
    assert isinstance(kept.status, SongState)
    assert (await song(begin, take)).take_of == first


async def test_no_song_no_row(begin: UnitOfWorkFactory, now: datetime) -> None:
    assert await claim(begin, 1, "w", now) is None
    async with begin() as uow:
        assert await uow.songs.get(1) is None
        assert not await uow.songs.cancel(1, now=now)


async def test_a_song_goes_all_the_way(begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime) -> None:
    song_id = await make_song(ann)
    claimed = await claim(begin, song_id, "draft-1", now)
    assert claimed is not None
    assert (claimed.lease, claimed.attempts, claimed.heartbeat_at) == ("draft-1", 1, now)
    brief = {"style": "lofi piano", "bpm": 70, "sections": [{"start_s": 0.0, "end_s": 30.1}]}
    async with begin() as uow:
        assert await uow.songs.advance(
            song_id,
            lease="draft-1",
            from_states={SongState.RECEIVED},
            to=SongState.READING,
            now=now + SECOND,
            keep_lease=True,
        )
        assert await uow.songs.beat(song_id, lease="draft-1", now=now + 2 * SECOND)
        assert await uow.songs.advance(
            song_id,
            lease="draft-1",
            from_states={SongState.READING, SongState.DRAFTING},
            to=SongState.QUEUED,
            now=now + 3 * SECOND,
            emotion="sad",
            genre="lo-fi",
            brief=brief,
        )
        await uow.commit()
    waiting = await song(begin, song_id)
    assert (waiting.status, waiting.lease, waiting.attempts) == (SongState.QUEUED, None, 0)
    assert (waiting.emotion, waiting.genre, waiting.brief) == ("sad", "lo-fi", brief)
    assert await claim(begin, song_id, "music-1", now + 4 * SECOND)
    async with begin() as uow:
        assert await uow.songs.beat(song_id, lease="music-1", now=now + 5 * SECOND, progress=0.25)
        assert await uow.songs.advance(
            song_id,
            lease="music-1",
            from_states={SongState.QUEUED},
            to=SongState.DELIVERED,
            now=now + 6 * SECOND,
            keep_lease=True,
            audio_path="1/1/a.mp3",
            duration_sec=30.123456789,
        )
        await uow.commit()
    done = await song(begin, song_id)
    assert (done.status, done.lease, done.progress) == (SongState.DELIVERED, None, 0.25)
    assert (done.finished_at, done.duration_sec) == (now + 6 * SECOND, 30.123456789)


async def test_a_recipe_is_written_until_a_worker_has_the_song(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id, early = await make_song(ann, SongState.QUEUED), await make_song(ann)
    async with begin() as uow:
        assert await uow.songs.write_plan(song_id, genre="lo-fi", brief={"bpm": 70})
        assert not await uow.songs.write_plan(early, genre="lo-fi")
        await uow.commit()
    written = await song(begin, song_id)
    assert (written.status, written.genre, written.brief) == (SongState.QUEUED, "lo-fi", {"bpm": 70})
    assert await claim(begin, song_id, "music-1", now)
    async with begin() as uow:
        assert not await uow.songs.write_plan(song_id, genre="jazz")


async def test_of_many_workers_one_gets_the_song(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    claims = await asyncio.gather(*(claim(begin, song_id, f"worker-{n}", now) for n in range(8)))
    winners = [claimed for claimed in claims if claimed]
    assert len(winners) == 1
    kept = await song(begin, song_id)
    assert (kept.lease, kept.attempts) == (winners[0].lease, 1)


async def test_a_dead_workers_song_is_taken_over(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    await claim(begin, song_id, "dead", now)
    assert await claim(begin, song_id, "heir", now + 30 * SECOND) is None  # still within its 30 s
    heir = await claim(begin, song_id, "heir", now + 31 * SECOND)
    assert heir is not None
    assert heir.attempts == 2
    async with begin() as uow:  # the dead one wakes up
        assert not await uow.songs.beat(song_id, lease="dead", now=now + 32 * SECOND)
        assert not await uow.songs.release(song_id, lease="dead", now=now)
        assert not await uow.songs.fail(song_id, lease="dead", code="late", facts={}, now=now)
        assert not await uow.songs.advance(
            song_id, lease="dead", from_states=ACTIVE, to=SongState.QUEUED, now=now, genre="stolen"
        )
        await uow.commit()
    assert (await song(begin, song_id)).genre is None


async def test_handing_back_does_not_count_as_an_attempt(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    await claim(begin, song_id, "w", now)
    async with begin() as uow:
        assert await uow.songs.release(song_id, lease="w", now=now + SECOND)
        await uow.commit()
    kept = await song(begin, song_id)
    assert (kept.lease, kept.attempts, kept.heartbeat_at) == (None, 0, now + SECOND)
    assert await claim(begin, song_id, "next", now + SECOND)


@pytest.mark.parametrize("state", sorted(ACTIVE))
async def test_any_active_song_can_be_cancelled_once(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime, state: SongState
) -> None:
    song_id = await make_song(ann, state)
    async with begin() as uow:
        assert await uow.songs.cancel(song_id, now=now)
        assert not await uow.songs.cancel(song_id, now=now)
        await uow.commit()
    assert (await song(begin, song_id)).finished_at == now


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_cancel_against_finish_has_one_winner(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime, cancel_first: bool
) -> None:
    song_id = await make_song(ann, SongState.QUEUED)
    await claim(begin, song_id, "w", now)

    async def cancel(uow: UnitOfWork) -> bool:
        return await uow.songs.cancel(song_id, now=now)

    async def finish(uow: UnitOfWork) -> bool:
        return await uow.songs.advance(
            song_id, lease="w", from_states={SongState.QUEUED}, to=SongState.DELIVERED, now=now
        )

    steps = (cancel, finish) if cancel_first else (finish, cancel)

    async def step(act: int) -> bool:
        async with begin() as uow:
            won = await steps[act](uow)
            await asyncio.sleep(0.02)  # the other one meets a row that is changed and not yet committed
            await uow.commit()
        return won

    first = asyncio.create_task(step(0))
    await asyncio.sleep(0.01)
    outcomes = await asyncio.gather(first, step(1))
    assert sorted(outcomes) == [False, True]
    ended = (await song(begin, song_id)).status
    assert ended == (SongState.CANCELLED if outcomes[0] == cancel_first else SongState.DELIVERED)


async def test_a_cancelled_songs_worker_hears_of_it(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    await claim(begin, song_id, "w", now)
    async with begin() as uow:
        assert await uow.songs.cancel(song_id, now=now)
        assert not await uow.songs.beat(song_id, lease="w", now=now + SECOND, progress=0.5)
        await uow.commit()
    assert (await song(begin, song_id)).progress is None


async def test_an_answer_moves_a_song_that_nobody_holds(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann, SongState.ASKING)
    moves = {"lease": None, "from_states": {SongState.ASKING}, "to": SongState.DRAFTING, "now": now}
    async with begin() as uow:
        assert await uow.songs.advance(song_id, **moves, emotion="sad")  # type: ignore[arg-type]
        assert not await uow.songs.advance(song_id, **moves, emotion="happy")  # type: ignore[arg-type]
        await uow.commit()
    assert (await song(begin, song_id)).emotion == "sad"


async def test_failures_are_kept_until_the_person_was_told(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    await claim(begin, song_id, "w", now)
    async with begin() as uow:
        assert await uow.songs.fail(song_id, lease="w", code="no_face", facts={"faces": 0}, now=now)
        await uow.commit()
    failed = await song(begin, song_id)
    assert (failed.status, failed.error_code, failed.error) == (SongState.FAILED, "no_face", {"faces": 0})
    async with begin() as uow:
        assert await uow.song_queries.stale(before=now, limit=10) == []  # its own job is just telling it
        unnotified = await uow.song_queries.stale(before=now + SECOND, limit=10)
        assert unnotified == [StaleSong(id=song_id, status=SongState.FAILED, attempts=1, source="discord")]
        assert await uow.songs.mark_notified(song_id, now=now)
        assert not await uow.songs.mark_notified(song_id, now=now)
        assert await uow.song_queries.stale(before=now + SECOND, limit=10) == []


async def test_the_sweeper_sees_what_stopped_and_nothing_else(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    old = now - timedelta(minutes=5)
    stuck = {await make_song(ann, state, at=old): state for state in sorted(WORKING)}
    await make_song(ann, SongState.ASKING, at=old)  # waits for a person, for as long as they like
    for end in ENDS - set(NEEDS_NOTICE):
        await make_song(ann, end, at=old)
    await make_song(ann, SongState.RENDERING, at=now)
    async with begin() as uow:
        found = await uow.song_queries.stale(before=now - 30 * SECOND, limit=100)
        assert {row.id: row.status for row in found} == stuck
        assert len(await uow.song_queries.stale(before=now - 30 * SECOND, limit=2)) == 2


async def test_of_two_sweepers_one_frees_a_song(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    song_id = await make_song(ann)
    await claim(begin, song_id, "dead", now)
    later = now + 60 * SECOND
    async with begin() as uow:
        assert not await uow.songs.free_stale(song_id, before=now, now=later)
        assert await uow.songs.free_stale(song_id, before=later, now=later)
        assert not await uow.songs.free_stale(song_id, before=later, now=later)
        assert not await uow.songs.fail(song_id, lease=None, code="gave_up", facts={}, now=later, stale_before=later)
        await uow.commit()
    assert await claim(begin, song_id, "heir", later)
    async with begin() as uow:
        assert await uow.songs.fail(song_id, lease=None, code="gave_up", facts={"attempts": 3}, now=later)


async def test_the_queue_lists_what_still_has_to_be_rendered(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong
) -> None:
    songs = [(await make_song(ann, state), state) for state in (*SongState, SongState.QUEUED)]
    async with begin(reading=True) as uow:
        waiting = await uow.song_queries.waiting()
    assert waiting == [(song_id, state) for song_id, state in songs if state in AHEAD]


async def test_history_has_pages_and_votes(
    begin: UnitOfWorkFactory, ann: int, make_song: MakeSong, now: datetime
) -> None:
    songs = [await make_song(ann, SongState.DELIVERED) for _ in range(5)]
    async with begin() as uow:
        for account in ("bo", "cy"):
            other = await uow.users.find_or_create("discord", account, account, now)
            await uow.votes.cast(generation_id=songs[4], user_id=other.id, vote="down", now=now)
        await uow.votes.cast(generation_id=songs[4], user_id=ann, vote="up", score=4, now=now)
        await uow.commit()
    await make_song(other.id, SongState.DELIVERED)
    async with begin(reading=True) as uow:
        page = await uow.song_queries.history(ann, limit=3)
        rest = await uow.song_queries.history(ann, limit=3, before_id=page[-1].id)
    assert [row.id for row in (*page, *rest)] == songs[::-1]
    assert (page[0].vote, page[0].score, page[0].up, page[0].down) == ("up", 4, 1, 2)
    assert (page[1].vote, page[1].score, page[1].up, page[1].down) == (None, None, 0, 0)


async def test_recent_lists_the_last_delivered(begin: UnitOfWorkFactory, ann: int, make_song: MakeSong) -> None:
    delivered = [await make_song(ann, SongState.DELIVERED) for _ in range(3)]
    await make_song(ann, SongState.FAILED)
    async with begin(reading=True) as uow:
        recent = await uow.song_queries.recent(ann, limit=2)
    assert [row.id for row in recent] == [delivered[2], delivered[1]]


async def test_ids_are_never_given_out_twice(begin: UnitOfWorkFactory, ann: int, make_song: MakeSong) -> None:
    gone = await make_song(ann)
    async with begin() as uow:
        await uow.users.delete(ann)
        await uow.commit()
    async with begin() as uow:
        other = await uow.users.find_or_create("discord", "2", "Bo", datetime.fromisoformat("2026-03-02"))
        await uow.commit()
    assert await make_song(other.id) > gone
